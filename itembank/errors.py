"""What can be wrong in this room. Every error carries all of its problems at once."""

from __future__ import annotations

from engine.errors import InputError


class FrameworkError(InputError):
    """A competency framework's files that cannot be used."""


class SchemeError(InputError):
    """A certification scheme that contradicts itself or its framework."""


class ItemError(InputError):
    """Item files that cannot be used."""


class ReleaseError(InputError):
    """A bank release that cannot be built, or is not what its hash says."""


class OptionError(InputError):
    """An answer that is none of its item's options."""


class ExposureError(InputError):
    """An exposure snapshot that is not what its hash says."""
