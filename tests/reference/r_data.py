"""Answers that R was given, and the packages' output as `crosscheck.R` wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from calibration.responses.model import Responses

R = Path(__file__).parent / "r"

LSAT7 = (
    *(12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28),
    *(7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308),
)
"""Persons with each pattern, 00000, 00001, ... 11111 (Bock & Lieberman, 1970, table 1)."""


def lsat7() -> Responses:
    """Law School Admission Test, section 7."""
    bits = np.array([[pattern >> place & 1 for place in (4, 3, 2, 1, 0)] for pattern in range(32)])
    return Responses(
        items=tuple(f"Item.{k}" for k in range(1, 6)),
        answers=bits.astype(np.int8),
        weight=np.array(LSAT7, dtype=float),
    )


def made_up(*, groups: bool = False) -> Responses:
    """Five items of four categories, 400 persons, answers missing; the first 200 are group a."""
    rows = json.loads((R / "answers.json").read_text())["answers"]
    answers = np.array([[-1 if cell == "." else int(cell) for cell in row] for row in rows])
    return Responses(
        items=("q1", "q2", "q3", "q4", "q5"),
        answers=answers.astype(np.int8),
        group=np.repeat([0, 1], 200).astype(np.int32) if groups else None,
        groups=("a", "b") if groups else (),
    )
