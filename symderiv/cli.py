"""The command `symderiv`. The engine is imported by the commands that need it, so that `--help` is instant."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from functools import wraps
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from traceback import extract_tb
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from symderiv import __version__
from symderiv.errors import PageError, SymderivError, shortened
from symderiv.faces.formats import FORMATS
from symderiv.faces.judged import JudgedPage
from symderiv.faces.listing import UNWRAPPED, Line, listing, summary
from symderiv.notation.escapes import plain
from symderiv.paths.gallery import page_named
from symderiv.paths.inputs import inputs_of
from symderiv.paths.kinds import is_python
from symderiv.paths.saved import names_of_reports, save_report, write_whole
from symderiv.progress import Progress

if TYPE_CHECKING:
    from symderiv.processes.worker import Limits

AS_EXPECTED, REFUTED, UNREADABLE, UNKNOWN, INTERRUPTED = 0, 1, 2, 3, 130
NOBODY_READS = 128 + signal.SIGPIPE
STATUS = {"proved": AS_EXPECTED, "refuted": REFUTED, "error": UNREADABLE, "unknown": UNKNOWN}
SERIOUSNESS = (REFUTED, UNREADABLE, UNKNOWN, AS_EXPECTED)
LOOKS: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "unsure": {"fg": "yellow"},
    "title": {"bold": True},
    "aside": {"dim": True},
    "": {},
}

LATE_IMPORT = "sympy.tensor.tensor"  # by SymPy at its first sum of two terms: once here, not once in each page's process
FORMAT_HELP = f"Lines for a terminal, or one of: {', '.join(form.said for form in FORMATS.values())}."
TIME_HELP = "For each step; reading a page may take half of it, a whole page five times."
EXIT_STATUS = """\b
Exit status:
  0  every step is as expected
  1  a step is refuted, or proved where an erratum is expected
  2  input could not be read
  3  a step is neither proved nor refuted
Where several apply: 1 before 2 before 3."""


def _limited(command: Callable[..., None]) -> Callable[..., None]:
    """The options for the limits, handed on as one `limits`."""

    @click.option("--time-limit", type=click.FloatRange(min=0.1), default=60, show_default=True, metavar="SECONDS", help=TIME_HELP)
    @click.option("--memory-limit", type=click.IntRange(min=64), default=4096, show_default=True, metavar="MIB", help="Memory for a page.")
    @wraps(command)
    def limited(time_limit: float, memory_limit: int, **rest: Any) -> None:
        from symderiv.processes.worker import Limits

        command(limits=Limits.scaled(time_limit, memory_limit), **rest)

    return limited


def _jobs(command: Callable[..., None]) -> Callable[..., None]:
    """The option `--jobs`, the usable cores if not given."""

    @click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Pages judged at once.  [default: the usable cores]")
    @wraps(command)
    def parallel(jobs: int | None, **rest: Any) -> None:
        command(jobs=jobs or _usable_cores(), **rest)

    return parallel


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Prove or refute hand-written gradient derivations, step by step, for every size of every tensor."""
    if not hasattr(os, "fork"):
        raise click.ClickException("symderiv judges pages in forked processes, which this system lacks; use Linux, macOS or WSL.")


@cli.command(epilog=EXIT_STATUS)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(["text", *FORMATS]), default="text", show_default=True, help=FORMAT_HELP)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the format to a file, the summary to the terminal.")
@click.option("-v", "--verbose", is_flag=True, help="Show side conditions, laws and formal counterexamples too.")
@click.option("--sensitivity", is_flag=True, help="Damage each proved step in the standard ways too, and count what is refuted.")
@_jobs
@_limited
def verify(paths: tuple[str, ...], form: str, output: str | None, verbose: bool, sensitivity: bool, jobs: int, limits: Limits) -> None:
    """Judge every step: of Python pages, of Markdown (.md) and LaTeX (.tex) documents, of folders of pages.

    Default: derivations/ here, or else the pages that come with symderiv.
    """
    if output is not None and form == "text":
        raise click.UsageError("--output is for the other formats; for text, write: symderiv verify > FILE")
    inputs, pages = inputs_of(paths), []
    _apart(output, inputs)
    with closing(_judged(inputs, limits, jobs, sensitivity)) as judged:
        for page in judged:
            pages.append(page)
            if page.error is not None and form != "github":
                _complain(page.error)
            elif form == "text":
                _show(listing(page, shutil.get_terminal_size((UNWRAPPED, 0)).columns, verbose))
    if form != "text":
        _deliver(FORMATS[form].draw(pages, os.getcwd()), output)
    if form == "text" or output is not None:
        _show(summary(pages))
    sys.exit(_status(pages))


@cli.command(epilog=EXIT_STATUS)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output", type=click.Path(file_okay=False), default="reports", show_default=True, metavar="FOLDER", help="Where to write.")
@click.option("--pdf", is_flag=True, help="Compile the LaTeX with pdflatex too.")
@_jobs
@_limited
def report(paths: tuple[str, ...], output: str, pdf: bool, jobs: int, limits: Limits) -> None:
    """Judge pages and documents, and write NAME.html and NAME.tex for each. Only an earlier report of the same input is overwritten.

    Default: derivations/ here, or else the pages that come with symderiv.
    """
    inputs = inputs_of(paths)
    folder = Path(output)
    names = names_of_reports([file for file, problem in inputs if not problem], folder)
    pages, failed = [], 0
    with closing(_judged(inputs, limits, jobs)) as judged:
        for page in judged:
            pages.append(page)
            try:
                _write_report(page, folder, names.get(page.file, page.name), pdf, limits)
            except SymderivError as error:
                _complain(str(error))
                failed += page.error is None
    _show(summary(pages))
    if failed:
        _show(iter([Line(f"{failed} report{'s' * (failed != 1)} not made, or without the kernel", "bad")]))
    sys.exit(_status(pages, UNREADABLE if failed else AS_EXPECTED))


@cli.command(epilog=EXIT_STATUS)
@click.argument("name")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file, not to the terminal.")
@_limited
def kernel(name: str, output: str | None, limits: Limits) -> None:
    """Write the NumPy module made from a proved page: NAME is a page's path, or derivations/NAME.py, here or among those of symderiv."""
    path = name if is_python(name) else str(page_named(name) or f"derivations/{name}.py")
    inputs = inputs_of((path,))
    _apart(output, inputs)
    (page,) = _judged(inputs, limits)
    if page.verdict != "proved":
        _complain(page.error or f"{path}: no kernel, since not every step is as expected; see: symderiv verify {path}")
        sys.exit(_status([page]))
    source = _kernel_source(page, limits)
    if source is None:
        raise PageError(f"{path}: declares no kernel; a page does with d.kernel(...).")
    if output is None:
        click.echo(source, nl=False)
    else:
        _write(Path(output), source)


@cli.command(epilog=EXIT_STATUS.replace("step", "gradient"))
@click.argument("forward", metavar="FILE:FORWARD")
@click.argument("backward", metavar="[FILE:BACKWARD]", required=False)
@click.option("--shapes", default="", metavar="TEXT", help='Shapes that docstrings do not tell: "x: N, D; gamma: D; y: N in C; eps: > 0".')
@click.option("--given", multiple=True, metavar="NAME=VALUE", help="An argument that is no array, as Python writes it. Repeatable.")
@click.option("--wrt", default="", metavar="NAMES", help="What the returned gradients are of, in order, where their names do not tell.")
@click.option("--roles", default="", metavar="TEXT", help='What parameters of BACKWARD stand for: "g: gradient of y; s: output".')
@click.option("--equivalent", is_flag=True, help="Prove that both functions return the same arrays.")
@_limited
def prove(
    forward: str, backward: str | None, shapes: str, given: tuple[str, ...], wrt: str, roles: str, equivalent: bool, limits: Limits
) -> None:
    """Prove a backward pass in NumPy against its forward pass, for every shape.

    FILE is a Python file, which is run; FORWARD and BACKWARD are functions in it. Without BACKWARD, FORWARD returns a loss and its
    gradients.
    """
    from symderiv.processes import worker

    if equivalent and backward is None:
        raise click.UsageError("--equivalent compares two functions: name the second one too")
    work = import_module("symderiv.code.outcome").proved
    import_module(LATE_IMPORT)
    path = forward.rpartition(":")[0] or forward
    whole = worker.Limits(2 * limits.page_seconds, limits.step_seconds, limits.page_seconds, limits.memory_mib)
    verdicts, told = worker.call(path, lambda: work(forward, backward, shapes, given, wrt, roles, equivalent), whole)
    _show(Line(text, look) for text, look in told)
    sys.exit(next(STATUS[v] for v in ("refuted", "unknown", "proved") if v in verdicts))


@cli.command()
@click.argument("file")
@_limited
def declare(file: str, limits: Limits) -> None:
    """Write the block that declares the names of a document, as far as its formulas tell, ready to be pasted into it.

    FILE is a Markdown (.md) or LaTeX (.tex) document. What it declares itself is left out.
    """
    from symderiv import files
    from symderiv.processes import worker

    if os.path.isdir(file):
        raise click.UsageError(f"{file} is a folder; name one document")
    ((path, problem),) = inputs_of((file,))
    if problem:
        raise PageError(f"{path}: {problem}")
    text = worker.call(path, lambda: files.declarations(path), limits)
    if not text:
        raise PageError(f"{path}: there is nothing to declare; its formulas tell of no name that is not declared.")
    click.echo(text, nl=False)


def _judged(inputs: list[tuple[str, str]], limits: Limits, jobs: int = 1, damaged: bool = False) -> Generator[JudgedPage]:
    """Each input judged, in order, with progress on a terminal's stderr."""
    from symderiv.processes import worker

    engine = import_module("symderiv.files").Files(damaged)
    import_module(LATE_IMPORT)
    readable = [file for file, problem in inputs if not problem]
    with Progress() as progress, closing(worker.judge_files(readable, engine, limits, progress.tell, jobs)) as judged:
        for file, problem in inputs:
            page = JudgedPage(Path(file).stem, file, error=f"{file}: {problem}") if problem else next(judged)
            progress.clear()
            yield page


def _apart(output: str | None, inputs: list[tuple[str, str]]) -> None:
    """Refuse to write over what is read."""
    if output is not None and any(os.path.exists(output) and os.path.samefile(output, file) for file, problem in inputs if not problem):
        raise click.UsageError(f"--output {output} is what is read; name another file")


def _write_report(page: JudgedPage, folder: Path, name: str, pdf: bool, limits: Limits) -> None:
    from symderiv.faces import report as drawn
    from symderiv.processes import worker

    if page.error is not None:
        raise PageError(page.error)
    source, error = None, None
    try:
        source = _kernel_source(page, limits) if page.verdict == "proved" else None
    except PageError as found:
        error = found  # the report is there without the kernel
    tex = drawn.tex(page, source)
    forms = {".html": lambda: _encoded(drawn.html(page, source)), ".tex": lambda: _encoded(tex)}
    if pdf:
        forms[".pdf"] = lambda: worker.call(page.file, lambda: drawn.compile_pdf(tex), limits)
    for path in save_report(folder, name, page.file, forms):
        _tell_written(path)
    if error is not None:
        raise error


def _kernel_source(page: JudgedPage, limits: Limits) -> str | None:
    from symderiv import files
    from symderiv.processes import worker

    source: str | None = worker.call(page.file, lambda: files.kernel_source(page), limits)
    return source


def _deliver(text: str, output: str | None) -> None:
    """A document for machines, in UTF-8 wherever it goes."""
    if output is None:
        click.echo(_encoded(text), nl=False)
    else:
        _write(Path(output), text)


def _encoded(text: str) -> bytes:
    return text.encode(errors="replace")


def _write(path: Path, text: str) -> None:
    write_whole(path, _encoded(text))
    _tell_written(path)


def _tell_written(path: Path) -> None:
    click.echo(f"wrote {plain(str(path))}", err=True)


def _status(pages: list[JudgedPage], least: int = AS_EXPECTED) -> int:
    found = {least, *(STATUS[page.verdict] for page in pages)}
    return next(status for status in SERIOUSNESS if status in found)


def _show(lines: Iterator[Line]) -> None:
    colour = _wants_colour()
    for line in lines:
        marked, rest = (line.text, "") if line.marked is None else (line.text[: line.marked], line.text[line.marked :])
        click.echo(click.style(plain(marked), **LOOKS[line.look]) + plain(rest), color=colour)


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _complain(message: str) -> None:
    click.echo("error: " + "\n  ".join(map(plain, message.split("\n"))), err=True)


def main() -> None:
    """The entry point: every error is one line, and what ends us from outside is not a verdict."""
    _open_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # under nohup it stays ignored
            signal.signal(number, _end_on)
    sys.exit(_status_of(cli))


def _open_streams() -> None:
    """Streams that take any text; where one is closed, what is written goes nowhere, and not into a file that is opened later."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _end_on(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough
    sys.exit(128 + number)


def _status_of(command: click.Command) -> int:
    """The exit status of the command, once all that it said is on its way."""
    try:
        try:
            with command.make_context("symderiv", sys.argv[1:]) as context:
                command.invoke(context)
            status = AS_EXPECTED
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else AS_EXPECTED
        except click.exceptions.Exit as end:
            status = end.exit_code
        except click.ClickException as error:
            error.show()
            status = UNREADABLE
        except (click.Abort, KeyboardInterrupt):
            status = INTERRUPTED
        except SymderivError as error:
            _complain(str(error))
            status = UNREADABLE
        except OSError:
            raise
        except Exception as error:
            _complain(
                f"{shortened(f'{type(error).__name__}: {error}')} ({_innermost(error)}); this is a bug of symderiv: please report it."
            )
            status = UNREADABLE
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        _drop_output()
        return NOBODY_READS
    except OSError as error:
        _drop_output()
        with suppress(OSError):
            what = "the output cannot be written" if error.filename is None else error.filename
            _complain(f"{what} ({error.strerror})")
            sys.stderr.flush()
        return UNREADABLE
    return status


def _innermost(error: BaseException) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"


def _drop_output() -> None:
    """Let what is still in the buffers of the streams go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
