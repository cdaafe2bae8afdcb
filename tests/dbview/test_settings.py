"""What a person set, and what is remembered for them: beside no data, in no way of the program."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.settings import KEYS_FILE, REMEMBERED_FILE, Settings, settings_directory


def written(directory: Path) -> dict[str, Any]:
    return json.loads((directory / REMEMBERED_FILE).read_text())


def test_what_is_remembered_is_there_the_next_time(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "config" / "dbview")
    settings.remember("columns", "FindPeaks", ["run", "son_min"])
    settings.remember("theme", "", "nord")
    assert settings.recall("theme", "") == "nord"
    settings.close(20)
    again = Settings(tmp_path / "config" / "dbview")
    assert again.recall("columns", "FindPeaks") == ["run", "son_min"]
    assert again.recall("theme", "") == "nord"
    assert again.recall("columns", "IndexCrystFEL") is None
    assert again.trouble == ""
    assert stat.S_IMODE((tmp_path / "config" / "dbview").stat().st_mode) == 0o700


def test_forgetting_takes_a_name_out(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.remember("columns", "FindPeaks", ["run"])
    settings.remember("columns", "FindPeaks", None)
    settings.close(20)
    assert written(tmp_path)["columns"] == {}


def test_two_viewers_keep_what_the_other_remembered(tmp_path: Path) -> None:
    one, other = Settings(tmp_path), Settings(tmp_path)
    one.remember("columns", "A", ["x"])
    one.close(20)
    other.remember("columns", "B", ["y"])
    other.close(20)
    assert written(tmp_path)["columns"] == {"A": ["x"], "B": ["y"]}


def test_only_so_many_names_are_kept_the_last_ones(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for number in range(250):
        settings.remember("columns", str(number), [number])
    settings.close(20)
    names = list(written(tmp_path)["columns"])
    assert len(names) == 200
    assert names[-1] == "249"
    assert settings.recall("columns", "0") is None


def test_nothing_is_read_or_written_without_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings(None)
    settings.remember("theme", "", "nord")
    settings.close(20)
    assert settings.recall("theme", "") == "nord"
    assert list(tmp_path.iterdir()) == []


def test_where_settings_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBVIEW_CONFIG", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert settings_directory() == Path("/home/somebody/.config/dbview")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_directory() == tmp_path / "dbview"
    monkeypatch.setenv("DBVIEW_CONFIG", str(tmp_path / "here"))
    assert settings_directory() == tmp_path / "here"


@pytest.mark.parametrize("name", [KEYS_FILE, REMEMBERED_FILE])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 99}', b'{"x": 1}', b"[" * 100_000])
def test_a_file_in_another_form_is_told_of_and_left_alone(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    settings = Settings(tmp_path)
    assert name in settings.trouble
    settings.remember("theme", "", "nord")
    settings.close(20)
    assert (tmp_path / name).read_bytes() == content


def test_a_pipe_of_that_name_holds_up_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / KEYS_FILE)
    assert KEYS_FILE in Settings(tmp_path).trouble


def test_a_directory_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file" / "dbview")
    settings.remember("theme", "", "nord")
    settings.close(20)
    assert "could not be" in settings.trouble
    assert settings.recall("theme", "") == "nord"


def test_keys_are_read_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / KEYS_FILE).write_text('{"table.filter": "slash,f3"}')
    assert Settings(tmp_path).keys == {"table.filter": "slash,f3"}


names = st.text(max_size=8)
values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v, max_size=3))


@given(changes=st.lists(st.tuples(names, names, values), max_size=12))
def test_what_is_recalled_is_what_was_remembered_last(
    changes: list[tuple[str, str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("settings")
    settings = Settings(directory)
    last = {}
    for kind, name, value in changes:
        settings.remember(kind, name, value)
        last[kind, name] = value
    settings.close(20)
    again = Settings(directory)
    for (kind, name), value in last.items():
        assert settings.recall(kind, name) == value
        assert again.recall(kind, name) == value
