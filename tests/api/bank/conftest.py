"""A bank as an operational service has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.secret_banks import write_secret_bank


@pytest.fixture
def secret_bank(tmp_path: Path) -> Path:
    """A calibrated bank that was never public: the demonstration bank in other words."""
    parameters = {"model": "3pl", "a": 1.1, "b": 0.2, "c": 0.2}
    return write_secret_bank(tmp_path / "bank", lambda item: parameters)
