"""What the prose around formulas says of where they hold: `If $i \\neq j$, $$...$$`, and `$$...$$ for $i \\neq j$`."""

from __future__ import annotations

import re

from symderiv.documents.text.source import ITEM, NEXT, SECTION

WHEN = (
    r"for all|for every|for any|for each|for|if|when|whenever|where|with|provided(?: that)?|as long as|assuming(?: that)?|given(?: that)?"
    r"|since|because|in (?:the |this )?case(?: that| of)?"
)
CONDITION = re.compile(
    rf"(?:^|(?<=[\s(,;*_.]))({WHEN}|unless|except(?: for| if| when)?)(?: either| both| also| moreover| in addition)?[\s*_~:]*$",
    re.IGNORECASE,
)
ASSUMPTION = re.compile(r"\b(?:let|assume|suppose|consider|take|fix)(?: now| that| further| also)*[\s*_~:]*$", re.IGNORECASE)
LEADS = re.compile(r"(?:we|it|the|this|one|you|there|its|they)\b")
MORE = re.compile(r"\s*(?:,|and|,\s*and|;)\s*", re.IGNORECASE)
OTHER = re.compile(r"\s*,?\s*or\s*", re.IGNORECASE)
ELSEWHERE = re.compile(r"\b(?:otherwise|else|unless)[\s,:]*$", re.IGNORECASE)
SENTENCE = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bEq)(?<!\bresp)[.!?](?=[\s)*_]|$)")
WORDS = re.compile(r"[\s,;*_~]*((?:if|when|whenever|unless|except|otherwise|else|only|provided|as long as|assuming)\b[^.;:!?$\\]*)")


def in_words(after: str) -> str:
    """A condition that the text after a formula says in words, "if x is small"; nothing if it ends in the word for a formula."""
    found = WORDS.match(after)
    return "" if found is None or word(after[: found.end()]) or not found[1][0].islower() else " ".join(found[1].split())[:60]


def word(before: str) -> str:
    """The word with which a condition begins where a text ends, in small letters; nothing if it does not end in one."""
    found = CONDITION.search(before)
    return found[1].lower() if found is not None else ""


def trails(before: str) -> bool:
    """Whether a condition is one of the formula that stands before the text: nothing but its word is between."""
    found = CONDITION.search(before)
    return found is not None and found[1][0].islower() and not before[: found.start()].strip(" \t\n,;*_~\\")


def assumes(before: str) -> bool:
    """Whether a text ends in a word that makes what follows hold from there on: let, suppose."""
    return ASSUMPTION.search(before) is not None


def leads(after: str) -> bool:
    """Whether the text after a condition begins what holds under it: "for a > 0 we find"."""
    return LEADS.match(after) is not None


def begins_an_item(before: str) -> tuple[str, bool]:
    """The text before an item of a list that begins in it, and whether one does."""
    head, item, _ = before.partition(ITEM)
    return head, bool(item)


def begins_a_section(before: str) -> bool:
    return SECTION in before


def begins_a_paragraph(before: str) -> bool:
    return NEXT in before


def goes_on(before: str) -> bool:
    """Whether a text between two conditions only joins them."""
    return MORE.fullmatch(before) is not None


def is_other(before: str) -> bool:
    """Whether a text between two conditions says that one of them is enough."""
    return OTHER.fullmatch(before) is not None


def ends_a_sentence(before: str) -> bool:
    return SENTENCE.search(before) is not None


def is_elsewhere(before: str) -> bool:
    """Whether a text ends in a word that takes back what was said: otherwise."""
    return ELSEWHERE.search(before) is not None
