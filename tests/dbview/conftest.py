"""A database for each test, and the viewer's way into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbview.query.view import SortKey
from dbview.source.source import Source, open_source
from tests.dbview.database import Database, keys_of
from tests.dbview.disk import Place, new_place

Open = Callable[[Path], Source]
"""Opens a database as the viewer does."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with the shared tables, still open for its writer."""
    made = Database(tmp_path / "lute.db")
    yield made
    made.connection.close()


@pytest.fixture
def place() -> Iterator[Place]:
    """A database to be made by real writers, in a directory that others reach; they are ended afterwards."""
    with new_place() as made:
        yield made


@pytest.fixture
def opened() -> Iterator[Open]:
    """Return a function that opens a database as the viewer does; all are closed afterwards."""
    sources: list[Source] = []

    def open_one(path: Path) -> Source:
        sources.append(open_source(path))
        return sources[-1]

    yield open_one
    for source in sources:
        source.close()


@pytest.fixture
def select(opened: Callable[[Path], Source]) -> Callable[..., list[int]]:
    """Return a function that gives the keys of the rows a filter finds, in the order asked for."""

    def keys(path: Path, relation: str, filter: str = "", *sort: SortKey) -> list[int]:
        return keys_of(opened(path), relation, filter, *sort)

    return keys


@pytest.fixture(autouse=True)
def images_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw images the same way wherever the tests are started."""
    monkeypatch.setenv("DBVIEW_IMAGES", "blocks")
