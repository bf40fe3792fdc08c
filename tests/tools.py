"""Programs and data that some tests use and not every machine has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"
"""Published data sets, which the project does not ship; they lie beside it."""


def require_tool(*names: str) -> str:
    """Path of the first of the programs that is installed; without one the test is skipped.

    With `SAMATTHANA_TEST_STRICT=1` it fails instead, so that no check is lost unseen.
    """
    for name in names:
        if path := shutil.which(name):
            return path
    message = f"install one of {', '.join(names)} to run this test"
    if os.environ.get("SAMATTHANA_TEST_STRICT") == "1":
        pytest.fail(message)
    pytest.skip(message)


def shared_file(*parts: str) -> Path:
    """Path of a published data set, such as `shared_file("data", "responses", "sat12.csv")`.

    The test is skipped, and says so, where the folder is not there.
    """
    path = SHARED.joinpath(*parts)
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: this test reads {'/'.join(parts)}")
    return path
