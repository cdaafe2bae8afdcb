"""Results that are files: arrays, tables, pictures and whatever is large."""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import io
import json
import math
import os
import pathlib
import stat
import subprocess
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recorder import Entry, Recorded, Recorder, UnreadableEntry
from recorder.accept import accept
from recorder.layout.tagged import from_json_value
from recorder.payloads import file_name, read_payload
from tests.recorder.analyses import analysis

PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass
class Plots:
    name: str
    figures: Any


class Figure:
    """Write itself as a plotting library's figure does."""

    def savefig(self, file: Any, *, format: str) -> None:
        assert format == "png"
        file.write(PNG + b"drawn")


@pytest.fixture
def plotting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the plotting library look loaded."""
    monkeypatch.setitem(sys.modules, "matplotlib", types.ModuleType("matplotlib"))


def only_file(entry: Entry) -> tuple[str, bytes]:
    ((name, content),) = entry.files.items()
    assert entry.payload == {"$file": name}
    assert entry.payload_kind == "file"
    assert entry.result_cells()["result.payload"] == name
    assert name.startswith(f"sha256-{hashlib.sha256(content).hexdigest()}")
    assert Entry.from_json(entry.to_json()) == entry
    return pathlib.PurePosixPath(name).suffix, content


@pytest.mark.parametrize(
    "dtype", ["i1", "u8", "f4", "f8", "c16", "?", "U3", "S2", "M8[ns]", [("a", "i4"), ("b", "f8")]]
)
def test_an_array_is_a_file_of_its_own_type(dtype: Any) -> None:
    array = np.zeros((2, 3), dtype)
    suffix, content = only_file(accept(analysis(payload=array)))
    back = np.load(io.BytesIO(content), allow_pickle=False)
    assert suffix == ".npy"
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


def test_a_table_is_a_file_and_its_types_are_beside_it() -> None:
    table = pd.DataFrame(
        {"energy": [0.1, 1 / 3, math.nan], "name": ["", 'a,"b"\n', None], "hits": np.array([1, 2, 3], "i2")},
        index=[5, 6, 7],
    )
    entry = accept(analysis(payload=table))
    suffix, content = only_file(entry)
    assert suffix == ".csv"
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows[0] == ["", "energy", "name", "hits"]
    assert [float(row[1]) for row in rows[1:3]] == [0.1, 1 / 3]
    assert [row[2] for row in rows[1:]] == ["", 'a,"b"\n', "NaN"]
    note = entry.extra["files"][entry.payload["$file"]]
    assert [column[0] for column in note["columns"]] == ["energy", "name", "hits"]
    assert note["columns"][2] == ["hits", "int16"]
    assert note["index"] == "int64"


def test_a_column_is_a_file() -> None:
    suffix, content = only_file(accept(analysis(payload=pd.Series([1, 2], name="hits"))))
    assert (suffix, content) == (".csv", b",hits\n0,1\n1,2\n")


@pytest.mark.usefixtures("plotting")
def test_a_figure_is_a_picture_wherever_it_stands() -> None:
    assert only_file(accept(analysis(payload=Figure()))) == (".png", PNG + b"drawn")
    entry = accept(analysis(payload={"plots": [Plots("hits", Figure()), Figure()]}))
    (name,) = entry.files
    assert entry.payload == {"plots": [{"name": "hits", "figures": {"$file": name}}, {"$file": name}]}
    assert entry.payload_kind == "json"


@pytest.mark.usefixtures("plotting")
def test_a_figure_that_cannot_be_drawn_is_text() -> None:
    class Broken(Figure):
        def savefig(self, file: Any, *, format: str) -> None:
            raise RuntimeError("no renderer")

        def __str__(self) -> str:
            return "a figure"

    entry = accept(analysis(payload=Broken()))
    assert not entry.files
    assert from_json_value(entry.payload) == "a figure"


def test_what_looks_like_a_figure_is_none_while_no_library_is_loaded() -> None:
    assert not accept(analysis(payload=Figure())).files


@pytest.mark.parametrize(
    ("payload", "suffix"),
    [
        ("ü" * 600, ".txt"),
        ("\ud800" * 600, ".json"),
        (b"\x00" * 1100, ".bin"),
        (bytearray(b"%PDF-" + b"x" * 1100), ".pdf"),
        (memoryview(PNG + b"x" * 1100), ".png"),
        (b"\xff\xd8\xff" + b"x" * 1100, ".jpeg"),
        (b"\x89HDF\r\n\x1a\n" + b"x" * 1100, ".h5"),
        ({"hits": list(range(500))}, ".json"),
        ({1: "x" * 600, "1": "y" * 600}, ".json"),
        (2**9000, ".json"),
    ],
)
def test_what_is_large_is_a_file(payload: Any, suffix: str) -> None:
    entry = accept(analysis(payload=payload), payload_limit=1024)
    found, content = only_file(entry)
    assert found == suffix
    (name,) = entry.files
    expected = bytes(payload) if isinstance(payload, (bytearray, memoryview)) else payload
    assert read_payload(name, content) == expected
    assert not accept(analysis(payload=payload)).files


def test_a_large_part_of_a_result_is_a_file_and_the_rest_stays() -> None:
    entry = accept(analysis(payload={"image": PNG + b"x" * 2000, "hits": 3}), payload_limit=1024)
    (name,) = entry.files
    assert entry.payload == {"image": {"$file": name}, "hits": 3}


def test_a_mapping_of_a_pointers_form_is_a_mapping() -> None:
    payload = {"$file": "../../etc/passwd"}
    entry = accept(analysis(payload=payload))
    assert entry.payload == {"$dict": payload}
    assert (entry.payload_kind, entry.files) == ("json", {})


def test_arrays_among_the_parameters_are_columns_while_they_are_small() -> None:
    entry = accept(
        analysis(parameters={"mask": np.eye(2), "pedestal": np.zeros(2000), "table": pd.DataFrame({"a": [1]})})
    )
    leaves = entry.parameter_leaves()
    assert [leaves[f"mask[{row}][{column}]"][0] for row in (0, 1) for column in (0, 1)] == [1.0, 0.0, 0.0, 1.0]
    suffixes = {name: pathlib.PurePosixPath(leaves[name][0]["$file"]).suffix for name in ("pedestal", "table")}
    assert suffixes == {"pedestal": ".npy", "table": ".csv"}
    assert len(entry.files) == 2


@pytest.mark.parametrize(
    "files",
    [
        {"sha256-" + "0" * 64 + ".txt": "eA=="},  # not the name of this content
        {file_name(b"x", "/../x"): "eA=="},
        {file_name(b"x", ".txt"): "?"},
        {file_name(b"x", ".txt"): 3},
        {"x.txt": "eA=="},
        [],
    ],
)
def test_an_entry_whose_files_are_not_what_they_are_called_is_refused(files: Any) -> None:
    fields = {**json.loads(accept(analysis()).to_json()), "files": files}
    with pytest.raises(UnreadableEntry, match="files"):
        Entry.from_json(json.dumps(fields))


def test_a_result_of_100_megabytes_is_not_copied_over_and_over() -> None:
    code = """
import resource
from types import SimpleNamespace
from recorder.accept import accept
payload = b"x" * 100_000_000
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
entry = accept(SimpleNamespace(task_result=SimpleNamespace(task_name="T", payload=payload)))
print(entry.files[entry.payload["$file"]] is payload)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    is_the_same, grown = ended.stdout.split()
    assert is_the_same == "True"
    assert int(grown) < 20_000


def test_a_file_system_that_cannot_sync_directories_costs_neither_result_nor_spool(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, fsync = [], os.fsync

    def refuse_directories(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            synced.append(str(pathlib.Path(f"/proc/self/fd/{descriptor}").readlink()))
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_directories)
    with Recorder(tmp_path) as recorder:
        assert recorder.record(analysis(payload=np.arange(3))) == Recorded("FindPeaks", 1)
    (tmp_path / "taken.db").write_bytes(b"no database at all, whatever its name says" * 30)
    with Recorder(tmp_path / "taken.db") as recorder:
        waiting = recorder.record(analysis())
        assert isinstance(waiting, pathlib.Path)
        assert waiting.parent == tmp_path / "taken.db.spool"
    assert {str(tmp_path / "lute.db.payloads"), str(waiting.parent)} <= set(synced)


def test_no_library_is_loaded_to_look_at_a_value() -> None:
    code = """
import sys
from types import SimpleNamespace
from recorder.accept import accept
accept(SimpleNamespace(task_result=SimpleNamespace(task_name="T", payload=[object()]), task_parameters={"a": object()}))
print(sorted({"numpy", "pandas", "matplotlib", "pydantic", "pickle"} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


class Unpicklable:
    def __reduce__(self) -> Any:
        raise AssertionError("pickled")


@pytest.mark.parametrize("dtype", [object, [("a", "i4"), ("b", object)]])
def test_nothing_is_ever_pickled(dtype: Any) -> None:
    array = np.empty(2000, dtype)
    array[:] = Unpicklable() if dtype is object else (1, Unpicklable())
    entry = accept(analysis(payload=array, parameters={"a": array}))
    assert Entry.from_json(entry.to_json()) == entry
    assert not entry.files
