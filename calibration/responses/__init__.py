"""Answers of persons to items, from files.

Read `model` first: `Responses` is what the rest of the room works on.
"""

from calibration.responses.model import (
    LARGEST_CATEGORY,
    NOT_GIVEN,
    NOT_REACHED,
    OMITTED,
    Responses,
)

__all__ = ["LARGEST_CATEGORY", "NOT_GIVEN", "NOT_REACHED", "OMITTED", "Responses"]
