"""What was traced as a derivation: inputs and intermediate arrays by name, each defined once, after what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from sympy import Expr, S, Symbol

from symderiv.errors import SymderivError, TraceError
from symderiv.language.claim import Derivation
from symderiv.language.constraints import Constraint
from symderiv.language.kept import replaced
from symderiv.language.names import text_name
from symderiv.language.program import Variable
from symderiv.language.terms import Label, free_indices, names
from symderiv.tracing.traced import Choice, Node


@dataclass
class Collected:
    """A derivation under construction, and what traced names are called in it."""

    derivation: Derivation
    heads: dict[Symbol, Symbol] = field(default_factory=dict)
    known: dict[tuple[object, ...], Symbol] = field(default_factory=dict)
    unnamed: set[Symbol] = field(default_factory=set)  # what the code has no name for

    def term(self, term: Expr) -> Expr:
        """A term with the names of the derivation; what it rests on is defined first."""
        if term.has(S.NaN):
            raise TraceError("an entry was never written: np.empty has no values until they are set")
        for head in _in_order(term):
            if head not in self.heads:
                self.heads[head] = self._choice(head) if isinstance(head, Choice) else self._node(head)
        return _renamed(term, self.heads)

    def _node(self, node: Node) -> Symbol:
        body = self.term(node.body)
        key = (tuple(i.upper for i in node.indices), body)
        if key not in self.known:
            name = self.free_name(node.hint or node.kind)
            try:
                self.derivation.let(name, *node.indices, body)
            except SymderivError as error:
                raise TraceError(in_words(str(error))) from error
            self.known[key] = self.derivation.program.equations[-1].head
            self.unnamed |= set() if node.hint else {self.known[key]}
        return self.known[key]

    def _choice(self, choice: Choice) -> Symbol:
        body = self.term(choice.body)
        key = (tuple(i.upper for i in choice.indices), choice.along, body, choice.sign)
        if key not in self.known:
            head = Label(self.free_name("top"), choice.along.lower, choice.along.upper)
            variable = Variable(head, choice.indices)
            known = Constraint("largest" if choice.sign > 0 else "smallest", head, 0, variable.entry, body)
            more = (known,) if choice.along in free_indices(body) else ()
            self.derivation.program = self.derivation.program.extended(inputs=(variable,), constraints=more)
            self.known[key] = head
        return self.known[key]

    def free_name(self, wanted: str) -> str:
        """A name that nothing else has, nor reads like."""
        taken = {text_name(h.name) for h in self.derivation.program.heads}
        plain = re.sub(r"[^A-Za-z0-9_]", "", wanted) or "part"
        words = plain.strip("_").split("_")
        base = words[0] + (f"_{{{''.join(words[1:])}}}" if len(words) > 1 else "") if words[0] else "part"
        candidates = chain((base,), (f"{base.split('_')[0]}_{{{''.join(words[1:])}{n}}}" for n in count(2)))
        return next(name for name in candidates if text_name(name) not in taken)


def in_words(error: str) -> str:
    if "infinite" in error:
        return "an entry is infinite, or was never written: np.empty has no values until it is"
    return error


def _in_order(term: Expr) -> Iterable[Node | Choice]:
    """The traced names that a term mentions."""
    return sorted(
        (h for h in names(term) if isinstance(h, (Node, Choice))), key=lambda h: (type(h).__name__, getattr(h, "dummy_index", h.name))
    )


def _renamed(term: Expr, heads: Mapping[Symbol, Symbol]) -> Expr:
    """Names put in the place of others: of symbols, and of the heads of elements."""
    swap = {old: new for old, new in heads.items() if old in names(term)}
    return replaced(term, swap) if swap else term
