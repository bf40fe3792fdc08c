"""Programs that some tests drive and not every machine has."""

from __future__ import annotations

import os
import shutil

import pytest


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
