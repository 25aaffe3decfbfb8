"""Fixtures for all tests."""

import pytest

from tests.support.imports import catalog, catalog_url
from tests.support.installation import empty_shop, shared_shop, template
from tests.support.stack import stack

__all__ = ["anyio_backend", "catalog", "catalog_url", "empty_shop", "shared_shop", "stack", "template"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """All async tests run on asyncio."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every async test by anyio, without a marker on each."""
    for item in items:
        if isinstance(item, pytest.Function) and not item.get_closest_marker("anyio"):
            item.add_marker(pytest.mark.anyio)
