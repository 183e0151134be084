"""What the names of a backward pass say: a gradient of what, an upstream gradient, an output, an input, what was saved."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import re
from collections.abc import Iterable

# A gradient's name, and the name of what it is the gradient of in it, as `x` in dx; the first row that leads to a known name is taken.
GRADIENTS = tuple(
    re.compile(row)
    for row in (
        # pattern                                                       examples
        r"d_?(?P<of>\w+)",                                            # dx, d_x
        r"[Dg∂]_?(?P<of>\w+)",                                        # Dx, gx, g_x
        r"(?i:grad|gradient|delta|del|nabla|partial|adj|adjoint|bar|ct|cotangent|vjp|diff|deriv)_(?:(?:of|wrt|w_r_t|for|to)_)?(?P<of>\w+)",  # grad_x
        r"(?:grad|Grad|gradient|delta|Delta|adj|diff)(?:Wrt|Of)?(?P<of>\w+)",  # gradX, deltaW
        r"d_?(?:[LJECl]|[Ll]oss|LOSS|[Cc]ost|[Ee]rr|[Ee]rror|out|obj)_?(?:d_?|wrt_)(?P<of>\w+)",  # dLdx, dL_dx, dloss_dx, dL_wrt_x
        r"d_?\w+?_d_?(?P<of>\w+)",                                      # dy_dx
        r"(?:[lL]oss|[cC]ost|[LJE])_?(?:grad|gradient|wrt)_(?:wrt_|of_)?(?P<of>\w+)",  # loss_grad_x
        r"(?P<of>\w+?)_?(?:[Gg]rad|[Gg]radient|[Bb]ar|[Cc]otangent|[Aa]djoint|[Dd]elta|[Dd]iff|[Vv]jp)",  # x_grad, xGrad, x_bar
        r"(?P<of>\w+?)_(?:ct|adj|d|g|dot)",                           # x_ct
    )
)  # fmt: skip
OUTPUT_WORDS = r"(?:out|outputs?|y|ys|o|top|upstream|res|result|loss|next|last)"
GRADIENT_WORDS = r"(?:d|g|grads?|gradients?|delta|bar|diff|cotangents?|cts?|adj|adjoint|vjp)"

UPSTREAM = re.compile(
    # the gradient of an output, whichever
    rf"{GRADIENT_WORDS}\d?|d?L_?d_?(?:out|y|output|o)|"
    rf"{GRADIENT_WORDS}_?(?:of_|wrt_)?{OUTPUT_WORDS}\d?|{OUTPUT_WORDS}_?{GRADIENT_WORDS}\d?|"
    r"ct_\w+|cot|cot_\w+|upstream\w*|incoming\w*|dout\w*|d_out\w*|grad_?out\w*|cotangent\w*|g?gs|[gd]\d|(?:de|back)_?(?:error|prop\w*)|dvalues|accum_grad|output_grad\w*",
    re.IGNORECASE,
)
GRADIENT_LIKE = re.compile(
    # the gradient of something that has no name here, which can only be an output
    r"d_\w+|d[A-Za-z]\d?|d[A-Z]\w*|d[a-z]_\w+|g(?!t\b)[A-Za-z]\d?|g[A-Z]\w*|g_\w+|(?:grad|gradient|delta)_\w+|\w+_(?:grad|gradient|bar|cotangent|adjoint|delta)|"
    r"d(?:logits?|probs?|scores?|hidden|state|next\w*|pred\w*|act\w*|attn|cache|feat\w*|values?)"
)
SAVED = re.compile(
    r"cache\w*|saved\w*|save|ctx|context|memory|memo|mem|tape|res|resid|residuals?|stash|store|stored|aux|intermediates?|kept",
    re.IGNORECASE,
)
OUTPUT = re.compile(
    # the value that the forward pass returned
    r"y|out|outputs?|o|result|ret|p|probs?|probabilit(?:y|ies)|y_?hat|y_?pred|y_?out|pred|predictions?|\w+_out(?:put)?s?|activated|softmaxed|sm",
    re.IGNORECASE,
)
INPUT = re.compile(r"x|inputs?|inp|in_|x_?in|\w+_in(?:put)?s?|data|logits?|scores?|pre_?act\w*", re.IGNORECASE)


def plain(name: str) -> str:
    """A name without what is only spelling: `W_h`, `Wh`, `wh`; of what stands in a dict the last key."""
    return name.rpartition(".")[2].replace("_", "").lower()


def exactly(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name is: itself, or the last key of the only one in a dict that ends so."""
    known = list(known)
    ends = [k for k in known if k.rpartition(".")[2] == name]
    return name if name in known else ends[0] if len(ends) == 1 else None


def alike(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name is exactly, else the only one that is spelled otherwise."""
    known = list(known)
    ways = [k for k in known if plain(name) and plain(k) == plain(name)]
    return exactly(name, known) or (ways[0] if len(ways) == 1 else None)


def gradient_of(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name says it is the gradient of. None where it says nothing."""
    known = list(known)
    stems = [found["of"] for row in GRADIENTS if (found := row.fullmatch(name))]
    return next((k for way in (exactly, alike) for stem in stems if (k := way(stem, known)) is not None), None)


def is_upstream(name: str) -> bool:
    """Whether a name is that of a gradient that comes in, of an output that it does not name."""
    return UPSTREAM.fullmatch(name) is not None or GRADIENT_LIKE.fullmatch(name) is not None
