"""A file system mounted read-only, as a container sees its host's data: every state is read as exactly as elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.source.file.copying import Copying
from dbview.source.file.scratch import Scratch
from dbview.source.source import open_source
from tests.dbview.disk import COMMITTED, LATER, MID_COMMIT, TWO_COMMITS, Place
from tests.faults.processes import bind, in_child, own_mounts


def idle(place: Place) -> None:
    place.leave("DELETE", "connection.close()")


def interrupted(place: Place) -> None:
    place.leave("DELETE", MID_COMMIT)


def closed_log(place: Place) -> None:
    place.leave("WAL", "connection.close()")


def left_log(place: Place) -> None:
    place.leave("WAL", TWO_COMMITS)


def log_in_use(place: Place) -> None:
    place.write("WAL", TWO_COMMITS)


def log_without_index(place: Place) -> None:
    left_log(place)
    place.beside("-shm").unlink()


STATES: dict[Callable[[Place], None], tuple[int, str]] = {
    idle: (COMMITTED, "live"),
    interrupted: (COMMITTED, "snapshot"),
    closed_log: (COMMITTED, "static"),
    left_log: (COMMITTED + LATER, "live"),
    log_in_use: (COMMITTED + LATER, "live"),
    log_without_index: (COMMITTED + LATER, "snapshot"),
}
"""How many rows are found in each state, and how it is read."""


@pytest.mark.parametrize("make", STATES, ids=lambda make: make.__name__)
def test_what_is_on_it_is_read_exactly(place: Place, tmp_path: Path, make: Callable[[Place], None]) -> None:
    make(place)
    directory = place.file.parent
    view = directory.with_name("view")
    view.mkdir()

    def look() -> None:
        own_mounts()
        bind(directory, view)
        with contextlib.suppress(OSError):
            (view / "x").touch()
            raise AssertionError("the mount can be written")
        with (
            contextlib.closing(open_source(view / place.file.name, Copying(Scratch(tmp_path)))) as source,
            contextlib.closing(source.reader()) as reader,
        ):
            rows, way = STATES[make]
            assert reader.query("SELECT count(*), max(id) FROM t") == [(rows, rows)]
            assert source.access.startswith(way)

    in_child(look)
    assert list(tmp_path.iterdir()) == []
