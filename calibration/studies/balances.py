"""Content balances that keep an adaptive exam to a specification, by method."""

from __future__ import annotations

from typing import Literal

import engine
from calibration.errors import StudyError
from engine.constraints import Specification
from engine.constraints.shadow import ShadowTest
from engine.errors import Problem

Method = Literal["shadow", "priority", "penalties"]


def balance(method: Method, specification: Specification) -> engine.Balance:
    """Return the balance of a method.

    Raises
    ------
    StudyError
        For a method that cannot keep to a specification.
    """
    if method == "shadow":
        return ShadowTest(specification=specification)
    expected = "shadow, which keeps to every constraint"
    raise StudyError("Study section", [Problem("select.method", method, expected)])
