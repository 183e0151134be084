"""Chains taken apart: into equations between inequalities, what stands enclosed, beside or under the braces of a member."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.documents.marking.readings import Member
from symderiv.documents.meaning.comparisons import is_equation
from symderiv.documents.meaning.spelling import parts
from symderiv.documents.syntax.tree import (
    Added,
    Big,
    Chain,
    Fenced,
    Fraction,
    Matrix,
    Multiplied,
    Name,
    Noted,
    Scripted,
    Text,
    Tree,
)
from symderiv.errors import FormulaError


def enclosed(tree: Tree | None) -> Chain | None:
    """The equation that stands alone in parentheses or over a brace. Fails on one that is a part of something else."""
    inner = tree.body if isinstance(tree, (Fenced, Noted)) else None
    if isinstance(inner, Chain) and is_equation(inner):
        return inner
    if any(isinstance(part, Matrix) and any(isinstance(c, Chain) and is_equation(c) for c in parts(part)) for part in parts(tree)):
        raise FormulaError("equations in a table: write them as rows of aligned", tree.span if tree is not None else (0, 0))
    if isinstance(tree, Scripted) and isinstance(tree.base, Fenced) and isinstance(tree.base.body, Chain) and is_equation(tree.base.body):
        raise FormulaError("an equation with something below or above it: a condition? Write it beside it, \\text{for } x > 0", tree.span)
    return None


def equal_runs(chain: Chain) -> Iterator[tuple[tuple[str, Tree | None], ...]]:
    """The members between inequalities; those after what is about equal, or wanted to be, are no claims."""
    run: list[tuple[str, Tree | None]] = []
    for n, (relation, tree) in enumerate(chain.members):
        if n and relation in ("⇔", "|", "‖", "⇐") and is_equation(chain):
            raise FormulaError(f"{relation} between equations: write each as a formula of its own", chain.span)
        if n and relation not in ("=", ":="):
            yield tuple(run)
            run = []
            if relation not in ("<", ">", "≤", "≥", "≠"):
                return
        run.append(("" if n and not run else relation, tree))
    yield tuple(run)


def without_remark(tree: Tree) -> Tree:
    """A member without the words that stand after it."""
    if isinstance(tree, Multiplied) and len(tree.factors) > 1:
        *factors, (mark, last) = tree.factors
        if isinstance(last, Text) and not mark:
            return without_remark(factors[0][1] if len(factors) == 1 else replace(tree, factors=tuple(factors)))
        return replace(tree, factors=(*factors, (mark, without_remark(last))))
    if isinstance(tree, Added):
        *terms, (sign, term) = tree.terms
        return replace(tree, terms=(*terms, (sign, without_remark(term))))
    return replace(tree, body=without_remark(tree.body)) if isinstance(tree, Big) else tree


def notes_under(member: Member) -> Iterator[tuple[Member, Member]]:
    """What stands under the braces of a member, where that is a formula."""
    for part in parts(member.tree):
        if (
            isinstance(part, Noted)
            and part.note is not None
            and isinstance(part.note, (Name, Scripted, Multiplied))
            and _is_formula(part.note)
        ) or (isinstance(part, Noted) and isinstance(part.note, (Fraction, Added, Big))):
            yield Member(part.body, member.snippet, member.given), Member(part.note, member.snippet, member.given)
        elif isinstance(part, Noted) and isinstance(part.note, Chain) and is_equation(part.note):
            (relation, meant), *more = part.note.members
            if relation != "=" or meant is None or more:
                raise FormulaError("an equation below a brace: write it as a formula of its own", part.note.span)
            yield Member(part.body, member.snippet, member.given), Member(meant, member.snippet, member.given)


def _is_formula(tree: Tree) -> bool:
    return not any(type(part).__name__ == "Text" for part in parts(tree))
