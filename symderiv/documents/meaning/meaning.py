"""What each kind of tree is read by, and the scope in which formulas are read so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sympy import Rational

from symderiv.documents.meaning.brackets import colon, fenced
from symderiv.documents.meaning.calls import applied
from symderiv.documents.meaning.cases import by_cases
from symderiv.documents.meaning.derivatives import differential, fraction
from symderiv.documents.meaning.names import named
from symderiv.documents.meaning.operations import added
from symderiv.documents.meaning.powers import root
from symderiv.documents.meaning.products import factored
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.meaning.sums import big
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Fenced,
    Fraction,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Tree,
)
from symderiv.language.claim import Derivation


def numeral(tree: Number, scope: Scope) -> Any:
    return Rational(tree.text)


READERS: Mapping[type[Tree], Callable[[Any, Scope], Any]] = MappingProxyType(
    {
        Number: numeral,
        Name: named,
        Scripted: named,
        Added: lambda tree, scope: added([(sign, value(term, scope)) for sign, term in tree.terms], tree.span),
        Multiplied: factored,
        Fraction: fraction,
        Differential: differential,
        Root: root,
        Fenced: fenced,
        Applied: applied,
        Big: big,
        Cases: by_cases,
        Chain: colon,
        Noted: lambda tree, scope: value(tree.body, scope),
    }
)


def scope_of(derivation: Derivation) -> Scope:
    """The scope of a document of which nothing is read yet."""
    return Scope(derivation, READERS)
