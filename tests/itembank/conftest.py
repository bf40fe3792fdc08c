"""The room's own data, loaded once."""

from __future__ import annotations

import pytest

import itembank
from itembank import Framework, Item, Release, Scheme


@pytest.fixture(scope="session")
def framework() -> Framework:
    return itembank.load_framework()


@pytest.fixture(scope="session")
def scheme(framework: Framework) -> Scheme:
    return itembank.load_scheme(framework=framework)


@pytest.fixture(scope="session")
def items(framework: Framework) -> tuple[Item, ...]:
    return itembank.load_items(framework=framework)


@pytest.fixture(scope="session")
def release(items: tuple[Item, ...], framework: Framework, scheme: Scheme) -> Release:
    return itembank.build_release(items, framework, scheme, demonstration=True)
