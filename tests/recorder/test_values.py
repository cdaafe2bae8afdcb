"""Every kind of value is kept: as parameter, as summary and as result, in the entry, on its way and in the database."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import decimal
import enum
import hashlib
import io
import json
import math
import pathlib
import subprocess
import sys
import types
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import Entry, Recorded, Recorder, UnreadableEntry
from recorder.accept import accept
from recorder.layout.side_text import read_side_text, side_text
from recorder.layout.tagged import (
    canonical_json,
    compact_json,
    from_json_value,
    to_json_value,
)
from recorder.payloads import PayloadFiles, file_name, read_payload
from tests.recorder.analyses import analysis
from tests.recorder.strategies import values

PNG = b"\x89PNG\r\n\x1a\n"


class Detector(enum.Enum):
    EPIX = "epix10k2M"
    RAYONIX = 4


class Peak(pydantic.BaseModel):
    x: float = 1.5
    label: str | None = None


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


# What a value is, how it is kept in an entry, and what it is then given back as; None if it is the value itself.
KINDS: dict[str, tuple[Any, Any]] = {
    "dict": ({"a": [1, {"b": None}]}, None),
    "list": ([1, 2.5, "x", None, True], None),
    "tuple": ((1, (2, 3)), [1, [2, 3]]),
    "path": (pathlib.PurePosixPath("/a/b\udcff"), None),
    "enum": (Detector.EPIX, "epix10k2M"),
    "set": ({1, 2, 3}, None),
    "complex": (1 - 2.5j, None),
    "datetime": (datetime.datetime(2024, 2, 12, 22, 39, 27, 5, datetime.UTC), None),
    "naive datetime": (datetime.datetime(2024, 2, 12), None),
    "date": (datetime.date(2024, 2, 12), None),
    "time": (datetime.time(22, 39), None),
    "timedelta": (datetime.timedelta(-1, 5, 7), None),
    "decimal": (decimal.Decimal("1.10"), None),
    "uuid": (uuid.UUID(int=7), None),
    "bytes": (b"\x00\xff", None),
    "infinity": (-math.inf, None),
    "large int": (2**64, None),
    "huge int": (10**1000, None),
    "lone surrogate": ("a\ud800b", None),
    "NUL": ("a\x00b", None),
    "empty": ({"list": [], "dict": {}, "text": ""}, None),
    "keys 1 and '1'": ({1: "number", "1": "text"}, None),
    "an enum's value twice": ({Detector.EPIX: 1, "epix10k2M": 2}, {"epix10k2M": 2}),
    "models in a list": ([Peak(), Peak(x=2)], [{"x": 1.5, "label": None}, {"x": 2.0, "label": None}]),
    "numpy int": (np.int64(-3), -3),
    "numpy float": (np.float32(0.1), float(np.float32(0.1))),
    "numpy bool": (np.bool_(True), True),
    "numpy complex": (np.complex128(1j), 1j),
    "numpy text": (np.str_("x"), "x"),
    "numpy datetime": (np.datetime64("2024-02-12T00:00:00.123456789"), "2024-02-12T00:00:00.123456789"),
    "numpy objects": (np.array([1, "a", None], object), [1, "a", None]),
    "numpy mask": (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    "pandas timestamp": (pd.Timestamp("2024-02-12 10:00"), datetime.datetime(2024, 2, 12, 10)),
    "pandas nanoseconds": (pd.Timestamp("2024-02-12 10:00:00.000000001"), "2024-02-12 10:00:00.000000001"),
    "pandas duration": (pd.Timedelta("90s"), datetime.timedelta(seconds=90)),
    "pandas no time": (pd.NaT, "NaT"),
    "pandas missing": (pd.NA, "<NA>"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_value_is_kept_as_parameter_summary_and_result(kind: str, tmp_path: pathlib.Path) -> None:
    value, other = KINDS[kind]
    expected = value if other is None else other
    cfg = analysis(parameters={"value": value}, summary=value, payload=value)
    entry = accept(cfg)
    assert Entry.from_json(entry.to_json()) == entry
    for tree in (entry.parameters["value"], entry.summary, entry.payload):
        assert from_json_value(tree) == expected
    assert not entry.files
    with Recorder(tmp_path) as recorder:
        recorded = recorder.record(cfg)
        assert isinstance(recorded, Recorded)
        stored = recorder.read("FindPeaks", recorded.id)
    assert stored.exact == entry.parameters
    assert stored.parameters.keys() == entry.parameter_leaves().keys()


def test_nan_is_kept() -> None:
    entry = accept(analysis(parameters={"x": math.nan}, payload=[math.nan]))
    assert math.isnan(from_json_value(entry.parameters["x"]))
    assert math.isnan(from_json_value(entry.payload)[0])
    assert Entry.from_json(entry.to_json()) == entry


@given(values)
def test_a_tagged_value_survives_every_text(value: Any) -> None:
    tree = to_json_value(value)
    for back in (
        json.loads(compact_json(tree)),
        json.loads(canonical_json(tree)),
        read_side_text(side_text(tree)),
        PayloadFiles().parameters({"x": value})["x"],
        PayloadFiles().payload(value),
    ):
        assert canonical_json(back) == canonical_json(tree)
        assert canonical_json(to_json_value(from_json_value(back))) == canonical_json(
            to_json_value(from_json_value(tree))
        )


@given(values, st.integers(0, 30))
def test_a_result_of_any_size_is_given_back(value: Any, limit: int) -> None:
    """Whether parts of it or all of it are files."""

    def opened(tree: Any) -> Any:
        if isinstance(tree, list):
            return [opened(item) for item in tree]
        if isinstance(tree, dict) and list(tree) == ["$file"]:
            name = tree["$file"]
            content = files.contents[name]
            if name.endswith(".json"):
                return opened(json.loads(content))
            return to_json_value(read_payload(name, content))
        return {key: opened(item) for key, item in tree.items()} if isinstance(tree, dict) else tree

    files = PayloadFiles(limit)
    tree = files.payload(value)
    assert len(compact_json(tree)) <= max(limit, 100) or not isinstance(tree, (dict, list))
    assert canonical_json(opened(tree)) == canonical_json(to_json_value(value))


def test_keys_that_are_spelled_alike_are_columns_of_their_own(tmp_path: pathlib.Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={1: "a", "1": "b", "inner": {None: "c", "None": "d"}}))
        stored = recorder.read("FindPeaks", 1)
    assert sorted(map(str, stored.parameters.values())) == ["a", "b", "c", "d"]
    assert from_json_value(stored.exact) == {1: "a", "1": "b", "inner": {None: "c", "None": "d"}}


def test_five_thousand_parameters_are_kept(tmp_path: pathlib.Path) -> None:
    parameters = {f"parameter {number}": number for number in range(5000)}
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters=parameters))
        assert recorder.read("FindPeaks", 1).parameters == parameters


# Results that are files


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
