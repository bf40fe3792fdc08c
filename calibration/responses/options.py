"""How a file of answers is to be read: its columns, its codes, its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from calibration.errors import ResponsesError
from calibration.responses.model import LARGEST_CATEGORY
from engine.errors import Problem

PERSON, ITEM, RESPONSE = "person", "item", "response"

Repeated = Literal["refuse", "first", "last", "keep"]
REPEATED: tuple[Repeated, ...] = ("refuse", "first", "last", "keep")

Key = Mapping[str, str] | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """How a file of answers is to be read.

    Attributes
    ----------
    person
        The column of names; without such a column the rows of a wide file are persons 1, 2, ...
    items
        The items there are, in this order: a column (or a name in a long file) that is none of
        them is refused, and one without a column was given to nobody. None: every column that is
        not named here for another purpose, in the order of the file.
    n_categories
        The number of categories of each of `items`, counted from `lowest` (None: from 0, whatever
        the file holds); an answer beyond them is refused.
    group
        The column of each person's group.
    weight
        The column of counts of persons or of sampling weights. Several columns of a table of
        patterns are groups, named as their columns.
    option
        A column of a long file with the option chosen, beside the category in `response`.
    ignore
        Columns of a wide file that hold no answers. Further columns of a long file are passed over.
    key
        The right option of each item, several with | between them, by item or in their order:
        answers are then options, and scored 1 or 0. An item without a key came scored.
    missing_codes, omit_codes, not_reached_codes
        What is written where an item was not administered, was passed over, was never come to.
        An empty cell is "". A code named among the last two is no longer one of the first.
    trailing_not_reached
        Whether omissions after a person's last answer, in the order of the items, are items not
        reached (Lord, 1980, p. 226, draws the line there).
    header
        Whether the first row of a CSV file names the columns; without, the items are `item1`,
        `item2`, ... None: unless it holds nothing but numbers, most of them more than once.
    lowest
        The number that stands for the lowest category; a smaller one is refused. None: 1 where the
        smallest number in the whole file is 1 and the largest 2 or more, else 0.
    repeated
        What to do with a person (in a long file: a person and an item) that comes again: refuse
        it, take the first or the last, or, in a wide file, keep all as different persons.

    Raises
    ------
    ResponsesError
        Naming every option that makes no sense.
    """

    person: str = PERSON
    items: Sequence[str] | None = None
    n_categories: Sequence[int] | None = None
    group: str | None = None
    weight: str | Sequence[str] | None = None
    option: str | None = None
    ignore: Sequence[str] = ()
    key: Key | None = None
    missing_codes: Sequence[str | int] = ("", "NA")
    omit_codes: Sequence[str | int] = ()
    not_reached_codes: Sequence[str | int] = ()
    trailing_not_reached: bool = False
    header: bool | None = None
    lowest: int | None = None
    repeated: Repeated = "refuse"

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ResponsesError("How to read the answers", problems)

    @property
    def lowest_told(self) -> int | None:
        """The number that stands for the lowest category; None where the file is to tell it."""
        return 0 if self.lowest is None and self.n_categories is not None else self.lowest

    @property
    def weights(self) -> tuple[str, ...]:
        """The columns of weights."""
        return _names(self.weight)

    @property
    def aside(self) -> tuple[str, ...]:
        """The columns of a wide file that hold no answers."""
        return (self.person, *_names(self.group), *self.weights, *self.ignore)


def _names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def _problems(options: FileOptions) -> Iterator[Problem]:
    yield from _twice("items", options.items or ())
    purposes = [("group", name) for name in _names(options.group)]
    purposes += [("weight", name) for name in options.weights]
    purposes += [("ignore", name) for name in options.ignore]
    known = {options.person: "person"}
    for purpose, name in purposes:
        if name in known:
            yield Problem(purpose, name, f"a column that is not also {known[name]}")
        known[name] = purpose
    if options.group and len(options.weights) > 1:
        yield Problem("weight", ", ".join(options.weights), "one column beside a column of groups")
    if options.n_categories is not None and len(options.n_categories) != len(options.items or ()):
        yield Problem("n_categories", len(options.n_categories), "one number for each of items")
    if options.repeated not in REPEATED:
        yield Problem("repeated", options.repeated, "one of " + ", ".join(REPEATED))
    if options.lowest is not None and not 0 <= options.lowest <= LARGEST_CATEGORY:
        yield Problem("lowest", options.lowest, f"a whole number from 0 to {LARGEST_CATEGORY}")
    for code in sorted(_written(options.omit_codes) & _written(options.not_reached_codes)):
        yield Problem("omit_codes", code, "a code that is not also one for not reached")


def _written(codes: Iterable[str | int]) -> set[str]:
    return {str(code).strip() for code in codes}


def _twice(where: str, names: Sequence[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Problem(where, name, "each once")
        seen.add(name)
