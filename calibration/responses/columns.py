"""Which column of a wide file is what."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.responses.batches import Table
from calibration.responses.findings import Findings
from calibration.responses.keys import key_of_items
from calibration.responses.options import PERSON, FileOptions
from calibration.responses.suggestions import a_column, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a wide file.

    Attributes
    ----------
    items
        All items, with a column or without.
    present
        The items that have a column.
    places
        The place of each of those among the items.
    limits
        The number of categories of each of those; None where any is allowed.
    key
        The right options of each of those, "" where it came scored; None without any key.
    person, group, weights
        Names of the columns; `person` is None where there is none.
    """

    items: tuple[str, ...]
    present: tuple[str, ...]
    places: tuple[int, ...]
    limits: tuple[int, ...] | None
    key: tuple[str, ...] | None
    person: str | None
    group: str | None
    weights: tuple[str, ...]

    @property
    def keyed(self) -> tuple[str, ...]:
        """The items whose answers are options."""
        if self.key is None:
            return ()
        return tuple(name for name, key in zip(self.present, self.key, strict=True) if key)


def wide_columns(table: Table, options: FileOptions, findings: Findings) -> Columns:
    """Say which column is what, and note columns that are missing or unknown.

    Raises
    ------
    ResponsesError
        If the key does not fit the items.
    """
    lost = _not_there(table, options)
    meant = {nearest(name, table.columns) for _, name in lost}
    aside = {*options.aside, *meant}
    found = tuple(name for name in table.columns if name not in aside)
    items = found if options.items is None else tuple(options.items)
    for purpose, name in lost:
        findings.add(0, purpose, name, a_column(name, table.columns))
    _note_problems(table, found, items, findings)
    places = {name: place for place, name in enumerate(items)}
    present = tuple(name for name in found if name in places)
    limits = options.n_categories
    key = None if options.key is None else key_of_items(options.key, items)
    return Columns(
        items=items,
        present=present,
        places=tuple(places[name] for name in present),
        limits=None if limits is None else tuple(limits[places[name]] for name in present),
        key=None if key is None else tuple(key[places[name]] for name in present),
        person=options.person if options.person in table.columns else None,
        group=options.group if options.group in table.columns else None,
        weights=tuple(name for name in options.weights if name in table.columns),
    )


def _not_there(table: Table, options: FileOptions) -> list[tuple[str, str]]:
    """Purpose and name of each column that was named and is not in the file."""
    named = [("group", options.group), *(("weight", name) for name in options.weights)]
    named += [("ignore", name) for name in options.ignore]
    if options.person != PERSON:  # of this name there may be none
        named.insert(0, ("person", options.person))
    return [(why, name) for why, name in named if name is not None and name not in table.columns]


def _note_problems(
    table: Table, found: tuple[str, ...], items: tuple[str, ...], findings: Findings
) -> None:
    for name in found:
        if name not in items:
            expected = "an item of the file of items, or a column to ignore"
            findings.add(1, "row 1", name, expected)
    if not any(name in items for name in found):
        findings.add(1, "row 1", ",".join(table.columns), "a column for at least one item")
