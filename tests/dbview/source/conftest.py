"""A database as writers leave it on a disk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dbview.disk import Place, new_place


@pytest.fixture
def place() -> Iterator[Place]:
    """A database to be made in a directory that others reach; its writers are ended afterwards."""
    with new_place() as made:
        yield made
