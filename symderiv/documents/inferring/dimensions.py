"""Which positions have the same range: letters and dimensions that are united, and the sizes that the text gives them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field


@dataclass
class Dimensions:
    """Nodes, such as a letter in an equation or a dimension of a name, in classes of one range; a class may have a size.

    Classes of two sizes are never united: what was said first stands. The sizes that are `fresh` are none of the text's.
    """

    parents: dict[Hashable, Hashable] = field(default_factory=dict)
    sizes: dict[Hashable, str] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)

    def root(self, node: Hashable) -> Hashable:
        """The node that stands for the class of a node."""
        above = self.parents.setdefault(node, node)
        return node if above == node else self.root(above)

    def unite(self, a: Hashable, b: Hashable) -> None:
        """Two nodes have one range, unless they are known to have two."""
        first, second = self.root(a), self.root(b)
        sizes = {self.sizes[root] for root in (first, second) if root in self.sizes}
        if first != second and len(sizes) < 2:
            self.parents[second] = first
            self.sizes.pop(second, None)
            self.sizes |= dict.fromkeys([first], *sizes) if sizes else {}

    def give(self, node: Hashable, size: str) -> None:
        """The text says how long the range of a node is; what it said before stands."""
        self.sizes.setdefault(self.root(node), size)

    def size(self, node: Hashable) -> str | None:
        return self.sizes.get(self.root(node)) if node in self.parents else None

    def nodes(self) -> Iterator[Hashable]:
        return iter(list(self.parents))
