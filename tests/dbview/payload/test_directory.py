"""The files of a directory, or those of a pattern."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dbview.errors import DbviewError, FileMissing, PayloadUnreadable
from dbview.payload import directory
from dbview.payload.directory import files_at
from dbview.payload.files import Presence


def names(place: Path | str) -> list[str]:
    return [os.path.basename(state.path) for state in files_at(str(place)).states]  # noqa: PTH119


def test_directories_come_first_then_names(tmp_path: Path) -> None:
    (tmp_path / "b.h5").write_bytes(b"123")
    (tmp_path / "a.h5").touch()
    (tmp_path / "z").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    files = files_at(f"{tmp_path}/")
    assert names(tmp_path) == ["z", "a.h5", "b.h5", "link"]
    assert [state.size for state in files.states] == [None, 0, 3, None]
    assert [state.presence for state in files.states][-1] is Presence.UNKNOWN
    assert not files.has_more


def test_a_pattern_gives_the_files_that_match(tmp_path: Path) -> None:
    for name in ("run_1.h5", "run_2.h5", "run_x.h5"):
        (tmp_path / name).touch()
    assert names(f"{tmp_path}/run_%d.h5") == ["run_1.h5", "run_2.h5"]
    assert names(f"{tmp_path}/run_?.h5") == ["run_1.h5", "run_2.h5", "run_x.h5"]


def test_a_directory_with_such_a_name_is_that_directory(tmp_path: Path) -> None:
    (tmp_path / "run_*").mkdir()
    (tmp_path / "run_*" / "own").touch()
    (tmp_path / "run_1").mkdir()
    assert names(f"{tmp_path}/run_*") == ["own"]


def test_only_so_many_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_MATCHES", 5)
    for number in range(7):
        (tmp_path / str(number)).touch()
    files = files_at(str(tmp_path))
    assert (len(files.states), files.has_more) == (5, True)


@pytest.mark.parametrize(
    ("name", "error"),
    [("nowhere", FileMissing), ("*.h5", FileMissing), ("a.txt", FileMissing), ("nul\0", PayloadUnreadable)],
)
def test_what_cannot_be_listed_is_told(tmp_path: Path, name: str, error: type[DbviewError]) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(error):
        files_at(f"{tmp_path}/{name}")
