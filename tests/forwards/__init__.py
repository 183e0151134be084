"""Forward passes for automatic differentiation, one a page: what its generated kernel is tested against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Forward:
    """A page's forward pass, written by hand for `autograd.numpy`.

    `run` takes the kernel's inputs by keyword, under the kernel's own names, and returns what its `forward` returns.
    `shapes` gives each input's sizes by name, separated by spaces ("" for a number); `at` the sizes to try, all ones among them.
    `positive` inputs are drawn above 0; `labels` are whole numbers from 0 below the size named; `prepared` ones are
    made of what was drawn, to be what the page assumes of them.
    """

    run: Callable[..., Any]
    shapes: Mapping[str, str]
    at: tuple[Mapping[str, int], ...]
    positive: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    prepared: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
