"""What the prose between formulas says of where they hold, taken in: the conditions of a sentence, and what is assumed up to a heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symderiv.documents.marking.understood import Making
from symderiv.documents.meaning.asides import conditions_of, with_more
from symderiv.documents.meaning.comparisons import is_equation, is_of_positions
from symderiv.documents.meaning.spelling import names_in
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tree import Chain, Name, Number, Scripted
from symderiv.documents.text import prose
from symderiv.documents.text.source import Block, Snippet
from symderiv.errors import FormulaError
from symderiv.faces.judged import Problem

MOST_WORDS = 500  # of the sentence so far that are looked at, in characters
IN_WORDS = "a condition in words is not understood; write it as a formula, \\text{for } x > 0"
OR = "one or the other: write each as a formula of its own, with its condition"
RESTRICTED = "what is assumed of this under a condition is not understood: write the condition beside each formula"
HEADING = "a condition in the heading that is not understood: write ### Case $i = j$, or the condition beside each formula"
BOTH = 'another condition, or a claim? Write "and" between conditions, and a sentence for each claim'
ADDED = ("since", "because", "as", "where", "with")  # words for what holds too


def _begin_heading(before: str, making: Making) -> None:
    """Forget what headings said that are as deep as one that begins, or deeper; and whether a formula stands in one."""
    for depth in prose.sections(before):
        making.headed, making.depth = tuple(row for row in making.headed if row[0] < depth), depth
    words = prose.heading(before)
    if words is not None or prose.is_below(before):
        making.heading = words
    elif making.heading is not None:
        making.heading = f"{making.heading} {prose.FORMULA} {before}"
    if prose.drops(before) or prose.is_everywhere(before):
        making.headed = ()


def _is_heading(part: Snippet, making: Making) -> bool:
    """Take in the condition that a heading says with a formula; one that is not understood makes what rests on it not read."""
    if making.heading is None or part.display:
        return False
    said = _conditions_in(part, "if", making)
    if not isinstance(said, tuple) or not said or any(_could_be_a_claim(c, making) for c in said):
        return False
    goes_on = prose.FORMULA in making.heading and prose.goes_on(part.before)
    clear = goes_on or prose.heads(making.heading, positions=all(is_of_positions(c, making.scope) for c in said))
    clear = clear and (prose.ends_a_heading(part.after) or prose.goes_on(part.after))
    rows = (*making.headed, (making.depth, said, ""))
    making.headed = rows if clear else tuple((d, chains, HEADING if d == making.depth else told) for d, chains, told in rows)
    return True


def _could_be_a_claim(chain: Chain, making: Making) -> bool:
    """Whether what a heading says is an equation, not of positions, with no word before it that makes it a condition."""
    words = (making.heading or "").partition(prose.FORMULA)[0]
    return is_equation(chain) and not is_of_positions(chain, making.scope) and not (prose.word(words) or prose.is_case(words))


def begin_sentence(before: str, making: Making) -> None:
    """Forget the conditions of a sentence that is over; those before a list are ones of all its items."""
    head, item = prose.begins_an_item(before)
    _begin_heading(before, making)
    if prose.begins_a_section(before):
        making.assumed, making.doubts = (), ()
    elif prose.begins_a_paragraph(before) and making.spent:  # what is assumed of positions is over
        making.assumed = tuple(c for c in making.assumed if not is_of_positions(c, making.scope))
    everywhere = prose.is_everywhere(before)
    if everywhere:
        making.assumed = tuple(c for c in making.assumed if not is_of_positions(c, making.scope))
    _end_what_is_assumed(before, making)
    over = everywhere or prose.ends_a_sentence(before)
    making.assuming, making.letting = making.assuming and not over, False
    making.words = prose.sentence(f"{making.words} {prose.FORMULA} {before}")[-MOST_WORDS:]
    if item:
        over = prose.ends_a_sentence(head)
        if head.rstrip().endswith(":"):
            making.listed = () if over else making.sentence
        making.sentence, making.spent = making.listed, False
    elif over:
        making.sentence, making.listed, making.spent = (), (), False
    if item or over:
        tell(making)


def _end_what_is_assumed(before: str, making: Making) -> None:
    """Forget what the words say is assumed no more: all of it, or for a general n what was said of sizes."""
    sizes = frozenset(making.scope.derivation.program.sizes)
    if prose.drops(before):
        making.assumed, making.doubts = (), ()
        making.stated = [s.ended(len(making.said)) for s in making.stated]
    elif prose.is_general(before):
        making.stated = [s.ended(len(making.said)) if s.is_of(sizes) else s for s in making.stated]


def tell(making: Making) -> None:
    """Tell of a condition that is not understood, if no formula under it did."""
    said = making.untold is None or making.untold.message in (p.message for p in making.problems)
    making.problems += [] if said or making.untold is None else [making.untold]
    making.untold = None


def is_said(part: Snippet, making: Making) -> bool:
    """Take in what the prose says with a formula, if that is a condition or an assumption."""
    return not part.display and (
        _is_heading(part, making) or _is_in_doubt(part, making) or _is_assumption(part, making) or _is_condition(part, making)
    )


def _is_in_doubt(part: Snippet, making: Making) -> bool:
    """Take in a condition of which the words around it make another one: neither holds what they say."""
    word, other = prose.word(part.before), prose.is_other(part.before)
    more = making.assuming and (prose.goes_on(part.before) or other)
    assumed = more or prose.assumes(part.before)
    restricted = making.assuming and bool(word) and word not in ADDED
    begun = assumed or bool(word) or (bool(making.sentence) and prose.goes_on(part.before))
    joins = isinstance(making.sentence, tuple) or bool(word)
    doubt = (prose.doubted(making.words) if joins else "") or (prose.taken_back(part.after) if begun else "")
    if not (doubt or restricted or (more and other)):
        return False
    said = _conditions_in(part, "if", making)
    if not isinstance(said, tuple) or not said:
        return False
    message = (
        RESTRICTED if restricted else OR if (more and other) or doubt.lower().lstrip(", ").startswith("or") else f"{doubt}: {IN_WORDS}"
    )
    if assumed or restricted:
        making.assuming = True
        making.doubts = (*making.doubts, ((*(making.assumed if more or restricted else ()), *said), message))
        making.assumed = () if more or restricted else making.assumed
    else:
        _hold(FormulaError(message, (0, 0)), part, making)
    return True


def _hold(said: tuple[Chain, ...] | FormulaError, part: Snippet, making: Making) -> None:
    """Take in what holds from here to the end of the sentence, or why that is not understood."""
    tell(making)
    making.sentence, making.spent = said, False
    making.untold = Problem(*part.place(0), str(said), part.latex) if isinstance(said, FormulaError) else None


def _is_assumption(part: Snippet, making: Making) -> bool:
    """Take in what the prose assumes with a formula: "let a > 0". Equations that it assumes are another matter."""
    more = making.assuming and prose.goes_on(part.before)
    said = _conditions_in(part, "if", making) if more or prose.assumes(part.before) else None
    taken = isinstance(said, tuple) and all(is_of_positions(c, making.scope) or not is_equation(c) for c in said)
    making.letting = more and isinstance(said, tuple) and not taken
    making.assuming = isinstance(said, tuple)
    if isinstance(said, tuple) and taken:
        names = _names(said, making)
        making.assumed = (*(c for c in making.assumed if more or not _names((c,), making) & names), *said)
        making.doubts = tuple(row for row in making.doubts if not _names(row[0], making) & names)
    return taken


def _names(chains: Sequence[Chain], making: Making) -> frozenset[str]:
    """The names that stand first in comparisons, and so are what these are about; letters of positions only where nothing else does."""
    names = names_in(tuple(c.members[0][1] for c in chains))
    return frozenset(name for name in names if making.scope.index(name) is None) or names


def _is_condition(part: Snippet, making: Making) -> bool:
    """Take in the condition that the prose says with a formula, if it says one."""
    said = _condition_of(part, making)
    if said is not None:
        making.led = not prose.tells(part.before) if prose.word(part.before) else making.led
        _hold(said, part, making)
    return said is not None


def said_after(pieces: Sequence[Snippet | Block], n: int, making: Making) -> list[tuple[int, Chain | FormulaError]]:
    """The conditions that the prose after a formula says of it, with their places among the parts; one in words has that of the formula."""
    after: list[tuple[int, Chain | FormulaError]] = []
    part = pieces[n]
    if not isinstance(part, Snippet) or (not part.display and _condition_of(part, making) is not None) or not _states(part, making):
        return []
    if words := prose.in_words(part.after):
        return [(n, FormulaError(f"{words}: {IN_WORDS}", (0, 0)))]
    for k in range(n + 1, len(pieces)):
        other = pieces[k]
        if not isinstance(other, Snippet) or other.display or not (prose.goes_on(other.before) if after else prose.trails(other.before)):
            break
        said = _conditions_in(other, prose.word(other.before) or "and", making)
        if said is None:
            break
        if prose.leads(other.after):
            return []
        if isinstance(said, tuple) and after and not prose.joins(other.before) and not all(_is_value(c, making) for c in said):
            said = FormulaError(BOTH, (0, 0))
        if said and (doubt := prose.taken_back(other.after)) and not doubt.startswith("only"):
            said = FormulaError(OR if doubt.lower().lstrip(", ").startswith("or") else f"{doubt}: {IN_WORDS}", (0, 0))
        after += [(k, said)] if isinstance(said, FormulaError) else [(k, chain) for chain in said]
        if isinstance(said, FormulaError):
            break
    return after


def _states(part: Snippet, making: Making) -> bool:
    """Whether a formula holds an equation."""
    try:
        return any(map(is_equation, read(part.latex, making.macros).chains))
    except FormulaError:
        return True


def _condition_of(part: Snippet, making: Making) -> tuple[Chain, ...] | FormulaError | None:
    """The conditions that the prose has said with this formula, if it is one of them; a new one, if others were used, replaces these."""
    known = () if making.spent and prose.word(part.before) else making.sentence
    word = prose.word(part.before)
    if isinstance(known, FormulaError) or not (word or known):
        return None
    said = _conditions_in(part, word or "and", making)
    if not word and isinstance(said, tuple) and _concludes(part, said, making):
        return None
    if not word and not prose.goes_on(part.before) and not prose.is_other(part.before):
        beside = said is not None and said != () and not making.spent and part.before.strip(" ,")
        return (
            FormulaError(f"{part.before.strip()}: what is this beside a condition? Write both in the formula", (0, 0)) if beside else None
        )
    if said is None or isinstance(said, FormulaError):
        return said
    if prose.is_other(part.before):
        return FormulaError(OR, (0, 0))
    return with_more(known, said) if said else known


def _concludes(part: Snippet, said: tuple[Chain, ...], making: Making) -> bool:
    """Whether an equation that could be one more condition is what holds under those before it: "if a > 0, a = |a|"."""
    if not any(map(is_equation, said)):
        return False
    if prose.then(part.before) or making.spent:
        return True
    if not making.led or not prose.goes_on(part.before):
        return False
    values = all(_is_value(c, making) for c in said)
    return prose.closes(part.after) or not (prose.joins(part.before) or values or prose.then(part.after))


def _is_value(chain: Chain, making: Making) -> bool:
    """Whether a comparison says a number or a position of something, and so is a condition wherever it could be one."""
    return not is_equation(chain) or is_of_positions(chain, making.scope) or isinstance(chain.members[-1][1], Number)


def _conditions_in(part: Snippet, word: str, making: Making) -> tuple[Chain, ...] | FormulaError | None:
    """The comparisons that a formula of the prose is, all of it; None if it is anything else."""
    chains = _with_sign(making.chains_of(part), prose.sign(part.before, part.after))
    try:
        given = conditions_of(chains, "if" if prose.stands_for_if(word) else word, making.scope) if chains else None
    except FormulaError:
        return None
    if given is None:
        return None
    if word.startswith(("unless", "except")):
        return FormulaError(f"{word}: write where it holds, \\text{{for }} i \\neq j", (0, 0))
    if word.startswith(("if and", "iff", "exactly", "precisely")):
        return FormulaError(f"{word}: write each direction as a formula of its own, with its condition", (0, 0))
    return given


def _with_sign(chains: tuple[Chain, ...], sign: str) -> tuple[Chain, ...]:
    """A name of which the words around it say the sign, as the comparison that this is."""
    single = len(chains) == 1 and len(chains[0].members) == 1 and isinstance(chains[0].members[0][1], (Name, Scripted))
    return (replace(chains[0], members=(*chains[0].members, (sign, Number("0")))),) if sign and single else chains
