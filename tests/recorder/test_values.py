"""Every kind of value is kept: as parameter, as summary and as result, in the entry, on its way and in the database."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import math
import pathlib
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import Entry, Recorded, Recorder
from recorder.accept import accept
from recorder.layout.side_text import read_side_text, side_text
from recorder.layout.tagged import canonical_json, compact_json, from_json_value, to_json_value
from recorder.payloads import PayloadFiles, read_payload
from tests.recorder.analyses import analysis
from tests.recorder.strategies import values


class Detector(enum.Enum):
    EPIX = "epix10k2M"
    RAYONIX = 4


class Peak(pydantic.BaseModel):
    x: float = 1.5
    label: str | None = None


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
