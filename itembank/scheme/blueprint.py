"""How a skill set is examined: its units, length, decision, exposure, and constraints on its items."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from itembank.canonical import canonical_json
from itembank.framework.model import Code
from itembank.records import Record, left_out

Positive = Annotated[float, Field(gt=0)]
Keep = Literal["shadow", "priority", "penalties"]


def _plain(value: object) -> object:
    """Make sure that JSON can write a value, so that the scheme has one text."""
    try:
        canonical_json(value)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("text, finite numbers, lists and mappings") from None
    return value


Written = Annotated[Any, AfterValidator(_plain)]
"""A constraint as it is written; `scheme.constraints` reads it."""


class BlueprintUnit(Record):
    """A competency unit of a blueprint, with its weight in the exam.

    All units have one, or none has: then the constraints say what comes from which unit.
    """

    code: Code
    share: Positive | None = Field(default=None, exclude_if=left_out)


class ExposureSetting(Record):
    """How seldom an item is to be seen: by at most `rate` of the candidates in each segment of ability.

    `bounds` part the scale into segments. What is held back changes after every `block` finished sections.
    """

    rate: Annotated[float, Field(gt=0, le=1)]
    bounds: tuple[float, ...] = ()
    block: int = Field(ge=1)


class Blueprint(Record):
    """How a skill set is examined: the same for everyone.

    `constraints` are in the language of `itembank.blueprint`. `keep` says by which method an exam
    keeps them, shadow tests unless told otherwise; `weights` are by their names, for the methods
    that weigh them.
    """

    units: tuple[BlueprintUnit, ...] = Field(min_length=1)
    min_items: int = Field(ge=1)
    max_items: int = Field(ge=1)
    decision: Annotated[float, Field(ge=0.5, lt=1)] | None
    standard_error: Positive | None
    require: Literal["any", "all"]
    randomesque: int = Field(ge=1)
    exposure: ExposureSetting | None = None
    constraints: Annotated[tuple[Written, ...], Field(min_length=1)] | None = Field(
        default=None, exclude_if=left_out
    )
    keep: Keep | None = Field(default=None, exclude_if=left_out)
    weights: dict[str, Positive] | None = Field(default=None, exclude_if=left_out)

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each unit, in the order of `units`, sum 1; nothing where they have none."""
        shares = [unit.share for unit in self.units if unit.share is not None]
        whole = math.fsum(shares)
        return tuple(share / whole for share in shares)
