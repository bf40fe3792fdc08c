"""Parameters for items that nobody has answered yet: a stated rule, and no more than that.

The rule. An item of level L is given the slope a = 1.2 and a difficulty b near the cut of its
level: the n items of a level, sorted by id, are spread evenly from 0.75 below the cut to 0.75
above it, at the midpoints of n equal steps. The lower asymptote is c = 0.8 / number of options,
0.20 for four. Numbers are rounded to six decimals. These values are ordinary for such questions,
chosen so that the exam can be rehearsed. No data support them, so whatever rests on them is
provisional.
"""

from __future__ import annotations

from collections.abc import Sequence

from itembank.items import Item, Parameters

SLOPE = 1.2
SPREAD = 0.75
"""Half the width of the band of difficulties around a cut, in theta."""
GUESSING = 0.8
"""Of the chance of hitting the key blindly: people who do not know guess a little worse."""

DECIMALS = 6


def provisional_parameters(items: Sequence[Item], cuts: Sequence[float]) -> dict[str, Parameters]:
    """Parameters by the stated rule, for the items of one skill set.

    Parameters
    ----------
    items
        The items of one skill set.
    cuts
        The cut scores of its levels, of level 1 first.

    Returns
    -------
    dict
        Parameters by item id, for every item.
    """
    return {
        item.id: Parameters(model="3pl", a=SLOPE, b=difficulty, c=lower_asymptote(item))
        for level, cut in enumerate(cuts, 1)
        for item, difficulty in _spread([item for item in items if item.level == level], cut)
    }


def lower_asymptote(item: Item) -> float:
    """The lower asymptote of an item by its number of options."""
    return round(GUESSING / len(item.options), DECIMALS)


def _spread(items: Sequence[Item], cut: float) -> list[tuple[Item, float]]:
    ordered = sorted(items, key=lambda item: item.id)
    step = 2 * SPREAD / len(ordered) if ordered else 0.0
    lowest = cut - SPREAD + step / 2
    return [(item, round(lowest + step * n, DECIMALS)) for n, item in enumerate(ordered)]
