"""What every family of response models offers.

Shapes. A block has n_items items. `theta` broadcasts against the items as its last axis: a column
of shape (n_theta, 1) asks for every ability at every item and gives S = (n_theta, n_items); a row
of shape (n_items,) gives each item its own ability and S = (n_items,). Categories are an axis after
that, as long as the block's longest item needs; beyond an item's own categories stand a
log-probability of minus infinity and derivatives of 0.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self, runtime_checkable

from engine.arrays import BoolArray, FloatArray, IntArray


class Derivatives(NamedTuple):
    """Derivatives in theta of the log-probabilities of the categories, shape S + (n_categories,)."""

    first: FloatArray
    second: FloatArray
    third: FloatArray


@runtime_checkable
class ItemModel(Protocol):
    """A block of items of one family; immutable, and valid since it was constructed."""

    @property
    def n_categories(self) -> IntArray:
        """How many categories each item has, shape (n_items,)."""
        ...

    @property
    def rising(self) -> BoolArray:
        """Whether more ability never lowers the expected category, shape (n_items,)."""
        ...

    def __len__(self) -> int: ...

    def take(self, items: IntArray) -> Self:
        """Return the block of the items at these places of it, in this order, repeats allowed."""
        ...

    def log_probability(self, theta: FloatArray) -> FloatArray:
        """Log-probability of each category, shape S + (n_categories,)."""
        ...

    def derivatives(self, theta: FloatArray) -> Derivatives:
        """First three derivatives of `log_probability` in theta."""
        ...

    def information(self, theta: FloatArray) -> FloatArray:
        """Expected (Fisher) information, shape S."""
        ...

    def draw(self, theta: FloatArray, u: FloatArray) -> IntArray:
        """Turn uniform numbers into answers by inversion, categories in ascending order, shape S."""
        ...
