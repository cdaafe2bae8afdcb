"""Private copies where there is really no room for them: the refusal says so, and nothing is left behind."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dbview.errors import ScratchUnusable
from dbview.query.view import SortKey, View
from dbview.source.file.copying import Copying
from dbview.source.file.scratch import Scratch
from dbview.source.source import open_source
from dbview.source.view.arrange import arrange
from tests.dbview.disk import MID_COMMIT, new_place
from tests.faults.processes import in_child, mount_memory, own_mounts

MEBIBYTE = 2**20


def test_a_small_file_system_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    def work() -> None:
        own_mounts()
        mount_memory(tmp_path, 8 * MEBIBYTE)
        with new_place() as place:
            place.leave("DELETE", MID_COMMIT)
            with pytest.raises(ScratchUnusable, match=r"takes \d+ MiB, and in .* only 8\.0 MiB are free.*--scratch"):
                open_source(place.file, Copying(Scratch(tmp_path)))
        assert list(tmp_path.iterdir()) == []

    in_child(work)


def test_a_file_system_that_others_fill_meanwhile_is_told_and_left_clean(tmp_path: Path) -> None:
    ballast = tmp_path / "ballast"

    def fill(_done: int, _whole: int) -> None:
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def work() -> None:
        own_mounts()
        mount_memory(tmp_path, 64 * MEBIBYTE)
        with new_place() as place:
            # More than is copied in one go.
            place.leave("DELETE", f"insert(4000); {MID_COMMIT}")
            with pytest.raises(ScratchUnusable, match="cannot be written: No space left"):
                open_source(place.file, Copying(Scratch(tmp_path), progress=fill))
            assert list(tmp_path.iterdir()) == [ballast]
            ballast.unlink()
            with contextlib.closing(open_source(place.file, Copying(Scratch(tmp_path)))) as source:
                assert source.access.startswith("snapshot")
        assert list(tmp_path.iterdir()) == []

    in_child(work)


def test_a_sort_without_room_keeps_the_top_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbview.source.view.sorting.MEMORY", 0)

    def work() -> None:
        own_mounts()
        mount_memory(tmp_path, 64 * 1024)
        with new_place() as place:
            place.leave("DELETE", 'insert(5000); connection.execute("UPDATE t SET x = hex(randomblob(50))")')
            with (
                contextlib.closing(open_source(place.file, Copying(Scratch(tmp_path)))) as source,
                contextlib.closing(source.reader()) as reader,
            ):
                view = View("t", sort=(SortKey("x"),))
                found = arrange(reader, source.relation("t"), view, lambda _snapshot: None, lambda: False)
                assert isinstance(found.error, ScratchUnusable)
                assert (found.is_top, found.order.length) == (True, 500)
        assert list(tmp_path.iterdir()) == []

    in_child(work)
