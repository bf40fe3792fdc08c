"""People at their browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.people import Service
from tests.api.web.unscripted import Browser


@pytest.fixture
def browse(service: Service) -> Callable[..., Browser]:
    """Open a browser without script: `browse("en")`."""
    return lambda language="th": Browser(service.app, language)


@pytest.fixture
def browser(browse: Callable[..., Browser]) -> Browser:
    return browse()
