"""What each rule of the grammar makes: trees from tokens and trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from symderiv.documents.syntax.factors import Children, added, braces, side_by_side, spanned
from symderiv.documents.syntax.tokens import Token
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Dots,
    Fenced,
    Fraction,
    Listed,
    Matrix,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Span,
    Text,
    Tree,
)
from symderiv.errors import FormulaError

Scripts = tuple[str, Any, Span]


@dataclass(frozen=True)
class Head:
    """A function, operator or differential sign with what is below and above it."""

    text: str
    scripts: dict[str, Any]
    span: Span


def start(parts: Children) -> tuple[Chain, ...]:
    """The chains, with the lines that they stand in."""
    chains, line = [], 0
    for part in parts:
        if isinstance(part, Chain):
            chains.append(replace(part, row=line))
        elif isinstance(part, Token):
            line += part.text in ("row", "aligned")
    return tuple(chains)


def row(parts: Children) -> Chain | None:
    """A row is a chain, even of one member; one that ends in a relation goes on in the next."""
    if not parts:
        return None
    first, last = parts[0], parts[-1]
    members = first.members if isinstance(first, Chain) else () if isinstance(first, Token) else (("", first),)
    if isinstance(last, Token):
        members = (*members, (last.text, None))
    return Chain(members, span=spanned(parts))


def link(parts: Children) -> tuple[Token, Tree]:
    return parts[0], parts[1]


def chain(parts: Children) -> Chain:
    return Chain((("", parts[0]), *((relation.text, member) for relation, member in parts[1:])), span=spanned([parts[0], parts[-1][1]]))


def chain_on(parts: Children) -> Chain:
    return Chain(tuple((relation.text, member) for relation, member in parts), span=spanned([parts[0][0], parts[-1][1]]))


def through(parts: Children) -> Listed:
    return Listed((parts[0], Dots(span=parts[1].span), parts[2]), span=spanned(parts))


def given(parts: Children) -> Chain:
    members = [("", parts[0]), *((parts[k].text, parts[k + 1]) for k in range(1, len(parts), 2))]
    return Chain(tuple(members), span=spanned(parts))


def listed(parts: Children) -> Listed:
    items: list[Tree] = []
    for part in parts[::2]:
        items += part.items if isinstance(part, Listed) else [part]
    return Listed(tuple(items), span=spanned(parts))


def script(parts: Children) -> Scripts:
    if len(parts) == 1:
        return "primes", len(parts[0].text), parts[0].span
    return ("sub" if parts[0].kind == "SUB" else "sup"), _bare(parts[1]), spanned(parts)


class Braced(NamedTuple):
    """What stands in the braces of an argument, and where these are."""

    tree: Tree
    span: Span


def braced(parts: Children) -> Braced:
    return Braced(parts[1], spanned(parts))


def group(parts: Children) -> Tree:
    """Braces that are no argument belong to what is in them."""
    return replace(parts[1], span=spanned(parts))


def _bare(part: Tree | Braced) -> Any:
    return part.tree if isinstance(part, Braced) else part


def leaf(parts: Children) -> Tree:
    token: Token = parts[0]
    if token.kind == "NAME":
        return Name(token.text, span=token.span)
    if token.kind == "NUMBER":
        return Number(token.text, span=token.span)
    return Dots(span=token.span) if token.kind == "DOTS" else Text(token.text, span=token.span)


def headed(parts: Children) -> Head:
    last = parts[-1][2] if len(parts) > 1 else parts[0].span
    return Head(parts[0].text, scripts_of(parts[1:]), (min(parts[0].span[0], last[0]), max(parts[0].span[1], last[1])))


def scripts_of(scripts: Sequence[Scripts]) -> dict[str, Any]:
    """What is below, above and how many primes. Fails on two of a kind."""
    found: dict[str, Any] = {}
    for kind, what, span in scripts:
        if kind == "primes":
            found["primes"] = found.get("primes", 0) + what
        elif kind in found:
            where = "below" if kind == "sub" else "above"
            raise FormulaError(f"a second thing {where} the same name: put what belongs together in braces", span)
        else:
            found[kind] = what
    return found


def scripted(parts: Children) -> Tree:
    base, *scripts = parts
    spans = [base.span, *(at for _, _, at in scripts)]  # which macros may have turned round
    span = (min(first for first, _ in spans), max(last for _, last in spans))
    if isinstance(base, Noted) and base.note is None:
        kind, note, at = scripts[0]
        if kind != "primes":
            noted = Noted(base.body, note, span=(min(base.span[0], at[0]), max(base.span[1], at[1])))
            return scripted([noted, *scripts[1:]]) if len(scripts) > 1 else noted
    return _with_scripts(base, scripts, span)


def _with_scripts(base: Tree, scripts: Sequence[Scripts], span: Span) -> Tree:
    if isinstance(base, Scripted):
        (kind, above, _), *more = scripts
        if kind == "sup" and base.sup is not None and not more:  # a power of what has something above it already
            return replace(base, sup=Multiplied((("", base.sup), ("", above)), span=span), span=span)
        before = [(k, v, base.span) for k, v in (("sub", base.sub), ("sup", base.sup)) if v is not None]
        found = scripts_of([*before, *scripts])
        return Scripted(base.base, found.get("sub"), found.get("sup"), base.primes + found.get("primes", 0), span=span)
    if isinstance(base, (Added, Multiplied, Applied, Big, Differential, Chain, Listed)):
        raise braces(base)
    found = scripts_of(scripts)
    return Scripted(base, found.get("sub"), found.get("sup"), found.get("primes", 0), span=span)


def fence(parts: Children) -> Fenced:
    return Fenced(parts[0].text, parts[1], span=spanned(parts))


def command(parts: Children) -> Tree:
    """A command with its arguments."""
    return replace(COMMANDS[parts[0].kind](parts[0], *map(_bare, parts[1:])), span=spanned(parts))


def infix(parts: Children) -> Tree:
    """`{n \\choose k}` and `{a \\over b}`."""
    return replace(COMMANDS[parts[2].kind](parts[2], parts[1], parts[3]), span=spanned(parts))


def _fraction(head: Token, above: Tree, below: Tree) -> Tree:
    return Fraction(_absorbed(above), _absorbed(below))


def _absorbed(tree: Tree) -> Tree:
    """In fractions a differential is of all that stands beside it, up to the next one."""
    if not isinstance(tree, Multiplied) or not any(isinstance(f, Differential) for _, f in tree.factors):
        return tree
    factors: list[tuple[str, list[tuple[str, Tree]]]] = []
    for sign, factor in tree.factors:
        if factors and not sign and isinstance(factors[-1][1][0][1], Differential) and not isinstance(factor, Differential):
            factors[-1][1].append((sign, factor))
        else:
            factors.append((sign, [(sign, factor)]))
    joined = tuple((sign, _of_all([f for _, f in side_by_side])) for sign, side_by_side in factors)
    return joined[0][1] if len(joined) == 1 else Multiplied(joined, span=tree.span)


def _of_all(factors: list[Tree]) -> Tree:
    first, *others = factors
    if not others or not isinstance(first, Differential):
        return first
    if isinstance(first.of, Added):
        raise braces(first.of)
    inner = first.of.factors if isinstance(first.of, Multiplied) else (("", first.of),) if first.of is not None else ()
    of = (*inner, *(("", f) for f in others))
    whole = of[0][1] if len(of) == 1 else Multiplied(of, span=spanned([f for _, f in of]))
    return replace(first, of=whole, span=spanned(factors))


def _binomial(head: Token, above: Tree, below: Tree) -> Tree:
    return Applied("binom", Listed((above, below), span=spanned([above, below])))


def root_of(parts: Children) -> Root:
    return Root(_bare(parts[4]), parts[2], span=spanned(parts))


def _accent(head: Token, of: Tree) -> Tree:
    """An accent is part of the name that it is over; subscripts within it are the name's."""
    base = of.base if isinstance(of, Scripted) else of
    run = base.factors if isinstance(base, Multiplied) else (("", base),)
    word = base.text if isinstance(base, (Name, Number)) else "".join(_letters(f) if not sign else " " for sign, f in run)
    if " " in word:
        raise FormulaError("an accent over more than a name: give what it is over a name", of.span)
    accented = Name(f"\\{head.text}{{{word}}}", span=spanned([head, of]))
    return replace(of, base=accented) if isinstance(of, Scripted) else accented


def _letters(tree: Tree) -> str:
    """The letters of a word, a d at its beginning included; a space for anything else."""
    if isinstance(tree, Differential) and tree.sign == "d" and tree.order == 1 and tree.of is not None:
        return f"d{_letters(tree.of)}"
    return tree.text if isinstance(tree, Name) and tree.text.isalpha() else " "


def cells(parts: Children) -> list[Tree]:
    return parts[::2]


def table(parts: Children) -> Tree:
    rows = parts[1:-1:2]
    span = spanned(parts)
    if parts[0].text == "cases":
        return Cases(tuple(_case(cells, cells is rows[-1]) for cells in rows), span=span)
    return Matrix(tuple(tuple(cells) for cells in rows), span=span)


def _case(cells: list[Tree], last: bool) -> tuple[Tree, Tree | None]:
    value, *conditions = cells
    if len(conditions) > 1 or not (conditions or last) or isinstance(value, (Chain, Listed)):
        raise FormulaError("a case is a value and a condition, with & between: 0 & x < 0", spanned(cells))
    return value, _condition(conditions[0]) if conditions else None


OTHERWISE = ("otherwise", "else", "otherwise.", "else.", "otherwise,")


def _condition(tree: Tree) -> Tree | None:
    """A condition; None for "otherwise"."""
    return None if isinstance(tree, Text) and tree.words.strip() in OTHERWISE else tree


def big(parts: Children) -> Big:
    if isinstance(parts[1], Added):
        raise braces(parts[1])
    return _big(parts[0], parts[1])


def big_signed(parts: Children) -> Big:
    if parts[1].text == "+":
        raise FormulaError("a plus with nothing before it: leave it out", parts[1].span)
    return _big(parts[0], added(parts[1:]))


def _big(head: Head, body: Tree) -> Big:
    _no_primes(head)
    return Big(head.text, body, head.scripts.get("sub"), head.scripts.get("sup"), span=spanned([head, body]))


def _no_primes(head: Head) -> None:
    if "primes" in head.scripts:
        raise FormulaError("a prime belongs to a name or a function", head.span)


def applied(parts: Children) -> Applied:
    head, of = parts
    scripts = head.scripts
    return Applied(head.text, _bare(of), scripts.get("sup"), scripts.get("sub"), scripts.get("primes", 0), span=spanned(parts))


def applied_fenced(parts: Children) -> Tree:
    """What is above a fence after a function is above the whole."""
    head, of = parts
    if not isinstance(of, Scripted):
        return applied(parts)
    return Scripted(applied([head, of.base]), of.sub, of.sup, of.primes, span=spanned(parts))


def applied_open(parts: Children) -> Applied:
    return applied([parts[0], side_by_side(parts[1:])])


def differential(parts: Children) -> Differential:
    head, *factors = parts
    of = side_by_side([_bare(f) for f in factors]) if factors else None
    _no_primes(head)
    sub, sup = head.scripts.get("sub"), head.scripts.get("sup")
    if head.text == "d" and sub is not None:
        raise FormulaError("nothing stands below a d: write what it is of after it", sub.span)
    return Differential(head.text, of, _order(sup), sub, span=spanned(parts))


def _order(sup: Tree | None) -> int:
    if sup is None:
        return 1
    if not isinstance(sup, Number) or not sup.text.isdigit() or not 0 < int(sup.text) <= 8:
        raise FormulaError("the order of a derivative is a number, at most 8", sup.span)
    return int(sup.text)


def _overset(head: Token, note: Tree, of: Tree) -> Tree:
    """A note above or below something other than a sign: what it says is not known."""
    if isinstance(note, Text) or not isinstance(of, (Name, Number)):
        return Noted(of, note)
    raise FormulaError("a note over a name: a part of the name, or a remark? Write the name with _ or ^, the remark as \\text", head.span)


COMMANDS: dict[str, Callable[..., Tree]] = {
    "FRAC": _fraction,
    "OVER": _fraction,
    "BINOM": _binomial,
    "CHOOSE": _binomial,
    "SQRT": lambda head, of: Root(of),
    "ACCENT": _accent,
    "UNDER": lambda head, of: Noted(of, None),
    "OVERSET": _overset,
}
