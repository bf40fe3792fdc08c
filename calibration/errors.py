"""What can be wrong in this room. Every error carries all of its problems at once."""

from __future__ import annotations

from engine.errors import InputError


class ResponsesError(InputError):
    """Answers, or a file of answers, that cannot be used."""


class CalibrationError(InputError):
    """Options or answers from which nothing can be estimated."""


class StudyError(InputError):
    """A design file, or what it names, that cannot be studied."""
