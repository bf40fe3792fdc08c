"""Answers of persons to items, from files.

    answered = read_responses(Path("answers.csv"), key=read_key(Path("key.csv")), omit_codes=["8"])

Read `model` first: `Responses` is what the rest of the room works on. Then `reading`, and `options`
for what can be said about a file.
"""

from calibration.responses.keys import parse_key, read_key
from calibration.responses.model import (
    LARGEST_CATEGORY,
    NOT_GIVEN,
    NOT_REACHED,
    OMITTED,
    Responses,
    Treatment,
)
from calibration.responses.options import FileOptions
from calibration.responses.pieces import InPieces
from calibration.responses.reading import read_responses
from calibration.responses.sessions import GivenItem, pseudonym, read_sessions, write_sessions

__all__ = [
    "LARGEST_CATEGORY",
    "NOT_GIVEN",
    "NOT_REACHED",
    "OMITTED",
    "FileOptions",
    "GivenItem",
    "InPieces",
    "Responses",
    "Treatment",
    "parse_key",
    "pseudonym",
    "read_key",
    "read_responses",
    "read_sessions",
    "write_sessions",
]
