"""Items whose parameters are known: they stay as they are, and the scale is theirs.

This is how new items are linked to a bank's scale: calibrated in one run with items of the bank,
which are fixed, while the distribution of the persons is free (Kim, 2006).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calibration.errors import CalibrationError
from engine.errors import Problem
from engine.families import Graded, ItemModel, Logistic, PartialCredit
from engine.families.divide_by_total import Nominal
from itembank.item_files import ItemFile

Known = tuple[str, dict[str, float]]


def known_options(
    bank: ItemFile, items: tuple[str, ...], model: str | Mapping[str, str]
) -> dict[str, Any]:
    """Return the options of `calibrate` that hold the items of a file at their parameters.

    Parameters
    ----------
    bank
        The known items; those that nobody was asked are passed over.
    items
        All items of the responses.
    model
        That of the other items, or of each of them by name.

    Returns
    -------
    dict
        `model`, `fixed` and `free_latent`.

    Raises
    ------
    CalibrationError
        If none of the known items is among the items.
    """
    known = {name: _known(bank, name) for name in items if bank.place(name) is not None}
    if not known:
        found, expected = (
            ", ".join(items[:3]) + ", ...",
            "at least one item of the file of known ones",
        )
        raise CalibrationError("Known items", [Problem("items", found, expected)])
    given = dict.fromkeys(items, model) if isinstance(model, str) else dict(model)
    models = given | {name: chosen for name, (chosen, _) in known.items()}
    alike = len(set(models.values())) == 1
    return {
        "model": next(iter(models.values())) if alike else models,
        "fixed": {name: values for name, (_, values) in known.items()},
        "free_latent": True,
    }


def _known(bank: ItemFile, name: str) -> Known:
    """Model and published parameters of an item of a file."""
    place = bank.place(name)
    for block, places in zip(bank.pool.blocks, bank.pool.places, strict=True):
        within = (places == place).nonzero()[0]
        if within.size:
            return _of_block(block, int(within[0]))
    raise AssertionError(name)  # every item is in a block


def _of_block(block: ItemModel, row: int) -> Known:
    if isinstance(block, Logistic):
        values = {key: float(getattr(block, key)[row]) for key in "abcd"}
        if values["d"] != 1.0:
            return "4pl", values
        del values["d"]
        if values["c"] != 0.0:
            return "3pl", values
        return "2pl", {key: values[key] for key in "ab"}
    if isinstance(block, Nominal):
        # In a file, slopes and intercepts are those against category 0.
        slopes = dict(_numbered("a", block.slopes[row, 1:].tolist()))
        return "nominal", slopes | dict(_numbered("c", block.intercepts[row, 1:].tolist()))
    assert isinstance(block, Graded | PartialCredit)  # all else that a file of items has
    steps = dict(_numbered("b", block.b[row].tolist()))
    return "grm" if isinstance(block, Graded) else "gpcm", {"a": float(block.a[row])} | steps


def _numbered(letter: str, row: list[float]) -> Iterator[tuple[str, float]]:
    for number, value in enumerate(row, start=1):
        if value == value:  # shorter rows end in NaN
            yield f"{letter}{number}", float(value)
