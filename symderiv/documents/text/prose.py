"""What the prose around formulas says of where they hold: `If $i \\neq j$, $$...$$`, and `$$...$$ for $i \\neq j$`."""

from __future__ import annotations

import re

from symderiv.documents.text.source import BELOW, ITEM, NEXT, SECTION

WHEN = (
    r"if and only if|iff|exactly (?:if|when|where)|precisely (?:if|when|where)|(?:but )?only if|(?:but )?only for"
    r"|for all|for every|for any|for each|for|if|when|whenever|where|with|provided(?: that)?|as long as|assuming(?: that)?|given(?: that)?"
    r"|since|because|in (?:the |this )?case(?: that| of)?"
)
FORMULA = "¤"  # where a formula stands in the words of a sentence
GIVING = r"putting|setting|substituting|inserting|plugging(?: in)?|choosing|taking|evaluat(?:ing|ed) at"  # what gives a name its value
SIGNS = {"positive": ">", "negative": "<", "nonzero": "≠", "nonnegative": "≥", "nonpositive": "≤"}
SIGN = r"(?:strictly )?(?P<sign>(?:non-?)?(?:positive|negative)|non-?zero)"
CONDITION = re.compile(
    rf"(?:^|(?<=[\s(,;*_.]))({WHEN}|(?-i:As|At)|{GIVING}|unless|except(?: for| if| when)?)(?: either| both| also| moreover| in addition)?"
    rf"(?: {SIGN}(?: numbers?| values?(?: of)?)?)?[\s*_~:]*$",
    re.IGNORECASE,
)
ASSUMPTION = re.compile(
    r"\b(?:let|assume|suppose|consider|take|fix|set|put|choose|pick)(?: now| that| further| also)*[\s*_~:]*$", re.IGNORECASE
)
LEADS = re.compile(r"(?:we|it|the|this|one|you|there|its|they)\b")
MORE = re.compile(r"\s*(?:,|and|,\s*and|;)\s*", re.IGNORECASE)
OTHER = re.compile(
    r"\s*[,;(]?\s*(?:or|alternatively|respectively|resp\.?)(?: if| when| for| let| suppose| assume| that)*\s*", re.IGNORECASE
)
DENIED = re.compile(r"(?:\b(?:not|never|nor|without)|n['’]t)(?: yet| here| even| ever| to| need to| have to)*\s*$", re.IGNORECASE)
TAKEN_BACK = re.compile(
    r"[\s)*_~]*((?:(?:does|do|is|are|were|was|can|need|will)(?: not|n['’]t)|fails?|never|cannot|only|is (?:false|wrong|violated|broken)"
    r"|for (?:some|at least|one|an?|most|many|almost|exactly)\b|with some\b|,?\s*or\b|\?)[^.;:!?]*)",
    re.IGNORECASE,
)
DOUBTED = re.compile(
    r"\b(?:(?:if|when|whenever|provided|as long as|assuming|let|assume|suppose)\b[^.;:!?]*?\b"
    r"(?:not|no|neither|nor|some|one of|at least one|there (?:is|are|exists?)|exists?)|for (?:some|no|one|at least one))\b[^.;:!?,]*$",
    re.IGNORECASE,
)
IS = re.compile(rf"\s*(?:is|are|be)(?: both| all)? {SIGN}(?!\s+(?!and|or|then|we|it)[a-z])", re.IGNORECASE)
EVERYWHERE = re.compile(
    r"\b(?:in general|generally|altogether|overall|either way|combin(?:ed|ing)|(?:put|taken) together"
    r"|(?:in )?(?:both|either|all|any) cases?)\b",
    re.IGNORECASE,
)
GENERAL = re.compile(r"\bfor (?:a |an )?(?:general|arbitrary)\b", re.IGNORECASE)
DROPPED = re.compile(
    r"\b(?:(?:drop|lift|relax|remov|discard|abandon|forget)(?:s|p?ed|p?ing|e|es|ing)?"
    r"|without|no longer (?:need|requir|mak|us)\w*|instead of|let us not mak\w*)"
    r" (?:this|that|the|these|those|our|any|all|such)(?: (?:of )?(?:the|these|those|our|last|first|above|former|earlier))?"
    r" (?:assumption|condition|restriction|hypothes[ie]s|constraint|requirement|convention)s?\b"
    r"|\b(?:do|does|need) not (?:assume|suppose|require) (?:this|that|so|it|these)\b|\bno longer (?:assum|suppos|requir)",
    re.IGNORECASE,
)
THEN = re.compile(r"[\s,;:]*(?:then|so|hence|thus|therefore|we|it|this|one|there|that)\b|\s*:\s*$", re.IGNORECASE)
TOLD = re.compile(r"\b(?:holds?|true|valid|is|are|happens|uses?|works?|fails?|defined|known|only|best|largest|smallest)\b", re.IGNORECASE)
CASE = r"(?:the |a |an )?(?:(?:first|second|third|fourth|last|other|diagonal|off-diagonal|special|sub-?) ?)?(?:case|sub-?case)"
HEADS = re.compile(
    rf"(?:\(?[\divxa-c]{{1,4}}(?:\.\d+)*[.):]*\s*)?(?:{CASE}\s*(?:(?:\d+|[ivx]+|[a-c]|one|two|three|four)\b\)?)?"
    rf"(?:\s*(?::|[-–—]+|,|\(|\.|of|that|when|where|if|for|with|in which))*)?\s*",
    re.IGNORECASE,
)
NOUNS = re.compile(r"(?:[\w-]+\s*){0,4}[:(,.–—-]?\s*")
HEADED = re.compile(rf"[\s)*_:.,]*(?:(?:case|entries|elements|terms)[\s)*_:.,]*)?(?:{BELOW}|$)", re.IGNORECASE)
DOUBTFUL = re.compile(
    r"\b(?:not|no|never|without|unless|except|why|whether|or|other|some|un\w+|beyond|wrong\w*|fals\w+|fail\w*|problem\w*|what|how|only)\b|n['’]t\b|\?",
    re.IGNORECASE,
)
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
    return found[1].lower() if found is not None and DENIED.search(before[: found.start()]) is None else ""


def stands_for_if(word: str) -> bool:
    """Whether what follows a word is read as it is after "if", whatever is then made of it: putting, unless."""
    return word == "and" or re.match(rf"{GIVING}|unless|except|if and|iff|exactly|precisely", word) is not None


def trails(before: str) -> bool:
    """Whether a condition is one of the formula that stands before the text: nothing but its word is between."""
    found = CONDITION.search(before)
    return found is not None and found[1][0].islower() and not before[: found.start()].strip(" \t\n,(*_~\\")


def tells(before: str) -> bool:
    """Whether a condition ends what a clause says, "this holds for a > 0", so that none of what follows must be what holds under it."""
    found = CONDITION.search(before)
    return found is not None and TOLD.search(sentence(before[: found.start()])) is not None


def sign(before: str, after: str) -> str:
    """The comparison with 0 that words around a name say: "for positive a", "if a is positive"; nothing if they say none."""
    found = CONDITION.search(before)
    begun = found or assumes(before) or goes_on(before)
    said = (found and found["sign"]) or (begun and (stands := IS.match(after)) and stands["sign"]) or ""
    return SIGNS[said.lower().replace("-", "")] if said else ""


def assumes(before: str) -> bool:
    """Whether a text ends in a word that makes what follows hold from there on: let, suppose."""
    found = ASSUMPTION.search(before)
    return found is not None and DENIED.search(before[: found.start()]) is None


def taken_back(after: str) -> str:
    """What the words right after a condition make of it, where that is another one, "does not hold", "for some"; nothing if none do."""
    found = TAKEN_BACK.match(after)
    return " ".join(found[1].split())[:60].strip(" ,") if found is not None else ""


def doubted(words: str) -> str:
    """The words of a sentence that make another condition of the one that comes next, "if not", "if there is an i with"; or nothing."""
    found = DOUBTED.search(words)
    return " ".join(found[0].replace(FORMULA, "...").split())[:60] if found is not None else ""


def sentence(words: str) -> str:
    """What has been said of the sentence in which a text ends."""
    return re.split(f"[{ITEM}{SECTION}{NEXT}]", SENTENCE.split(words)[-1])[-1]


def then(text: str) -> bool:
    """Whether a text begins with what leads to a conclusion: then, we have, a colon."""
    return THEN.match(text) is not None


def joins(before: str) -> bool:
    """Whether a text between two formulas joins them by a word."""
    return "and" in before.lower()


def is_everywhere(words: str) -> bool:
    """Whether words say that what was said before of where something holds is over: in general, in both cases."""
    return EVERYWHERE.search(words) is not None


def is_general(words: str) -> bool:
    """Whether words take what comes next in general, for a general n; what was said of sizes is over then."""
    return is_everywhere(words) or GENERAL.search(words) is not None


def drops(words: str) -> bool:
    """Whether words say that nothing is assumed any more of what was: without this assumption."""
    return DROPPED.search(words) is not None


def closes(after: str) -> bool:
    """Whether nothing follows in the sentence that could hold under what is said so far: it ends, or another condition begins."""
    return ends_a_sentence(after) or is_elsewhere(after) or bool(word(after)) or ITEM in after


def leads(after: str) -> bool:
    """Whether the text after a condition begins what holds under it: "for a > 0 we find"."""
    return LEADS.match(after) is not None


def begins_an_item(before: str) -> tuple[str, bool]:
    """The text before an item of a list that begins in it, and whether one does."""
    head, item, _ = before.partition(ITEM)
    return head, bool(item)


def begins_a_section(before: str) -> bool:
    return SECTION in before


def sections(before: str) -> list[int]:
    """How deep the headings are that begin in a text."""
    return [len(marks) for marks in re.findall(f"{SECTION}+", before)]


def heading(before: str) -> str | None:
    """The words of the heading in which a text ends, as far as they stand there; None if it does not end in one."""
    _, mark, words = before.rpartition(SECTION)
    return words.strip(" *_") if mark and BELOW not in words else None


def is_below(before: str) -> bool:
    """Whether a heading with a formula in it ends in a text."""
    return BELOW in before


def heads(words: str, positions: bool) -> bool:
    """Whether the words of a heading before a condition say that it holds in the section: when, case 1:, nothing at all.

    One of positions may stand behind any noun, "layer l = 1".
    """
    if DOUBTFUL.search(words):
        return False
    said = word(words)
    named = words.endswith("(") or (positions and NOUNS.fullmatch(words) is not None)
    return HEADS.fullmatch(words.rpartition(FORMULA)[2].strip()) is not None or (said != "" and not stands_for_if(said)) or named


def is_case(words: str) -> bool:
    """Whether the words of a heading speak of a case."""
    return re.search(r"\bcase\b", words, re.IGNORECASE) is not None


def ends_a_heading(after: str) -> bool:
    """Whether nothing that changes a condition stands behind it in its heading."""
    return HEADED.match(after) is not None


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
