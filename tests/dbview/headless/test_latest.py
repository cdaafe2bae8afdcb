"""``dbview latest``: the same answer as the recorder gives to a Task that asks."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder import Recorder, RecorderError, read_latest_db_entry
from recorder.accept import accept
from recorder.entry import END, START
from tests.dbview.database import Database
from tests.recorder.analyses import NOON, SECOND, analysis, entry

from .conftest import answer, snapshot

_RUNS = st.sampled_from([12, "12", "0012", 7, "calib", "", None])
_EXPERIMENTS = st.sampled_from(["mfx1", "mfx2", None])
_STATUSES = st.sampled_from(["COMPLETED", "COMPLETED", "FAILED"])


def _options(run: Any, experiment: str | None) -> list[str]:
    options = [] if run is None else [f"--run={run}"]
    return options if experiment is None else [*options, f"--experiment={experiment}"]


def _answered(path: Path, task: str, parameter: str, run: Any, experiment: str | None) -> Any:
    """Return the value that the command writes, None if it finds none."""
    got = answer("latest", path, task, parameter, *_options(run, experiment), "--format", "json")
    assert (got.code, bool(got.err)) in ((0, True), (8, True))
    return json.loads(got.out)["value"] if got.out else None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3), _RUNS, _EXPERIMENTS, _STATUSES, st.integers(0, 99)), max_size=8
    ),
    st.sampled_from([None, "12", "7", "012", "calib", "99"]),
    _EXPERIMENTS,
)
def test_the_answer_is_that_of_the_recorder(
    made: list[tuple[bool, int, Any, str | None, str, int]], run: str | None, experiment: str | None
) -> None:
    """Whatever was recorded, in whatever order, stored already or waiting."""
    with tempfile.TemporaryDirectory() as directory, Recorder(directory) as recorder:
        recorder.store(entry("first", header={"run": 1, "experiment": "mfx0"}, after=-1))
        entries = [
            (is_stored, entry(value, after=after, status=status, header={"run": of_run, "experiment": of_experiment}))
            for is_stored, after, of_run, of_experiment, status, value in made
        ]
        # What waits is taken along by the next that is stored.
        for _is_stored, one in sorted(entries, key=lambda pair: not pair[0]):
            recorder.store(one) if _is_stored else recorder.spool.keep(one)
        expected = recorder.latest("FindPeaks", "x", run=run, experiment=experiment)
        assert _answered(recorder.path, "FindPeaks", "x", run, experiment) == expected
        by_function = read_latest_db_entry(directory, "FindPeaks", "x", for_run=run, for_experiment=experiment)
        assert by_function == expected


_TIMES = st.sampled_from(["2024-01-01 00:00:00", "2024-01-02 00:00:00", "2023", "x", None, 5, 7.5, b"2025"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(_TIMES, st.integers(1, 4), st.sampled_from([1, 0, None]), st.integers(0, 99)), max_size=10),
    st.sampled_from([None, "12", "7", "calib"]),
    _EXPERIMENTS,
)
def test_so_it_is_in_files_of_others(
    rows: list[tuple[Any, int, int | None, int]], run: str | None, experiment: str | None
) -> None:
    """Timestamps of any kind, flags that are NULL, runs that are spelled in several ways."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "lute.db")
        for name, number in (("mfx1", "12"), ("mfx2", "0012"), ("mfx1", "calib"), (None, 7)):
            database.insert("gen_cfg", {"experiment": name, "run": number})
        entries = [
            {"timestamp": time, "gen_cfg_id": header, "valid_flag": valid, "x": value}
            for time, header, valid, value in rows
        ]
        database.task("Index", {"x": "INTEGER"}, entries)
        database.connection.close()
        with Recorder(directory) as recorder:
            expected = recorder.latest("Index", "x", run=run, experiment=experiment)
        assert _answered(database.path, "Index", "x", run, experiment) == expected


@pytest.mark.parametrize("is_start_stored", [True, False])
@pytest.mark.parametrize("says_all", [True, False])
def test_an_end_that_waits_counts_with_what_its_start_said(
    tmp_path: Path, *, is_start_stored: bool, says_all: bool
) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(entry("before", after=-9))
        start = accept(analysis(parameters={"x": "begun"}), NOON, stage=START)
        recorder.store(start) if is_start_stored else recorder.spool.keep(start)
        assert _answered(recorder.path, "FindPeaks", "x", 12, None) == "before"
        completed: Any = {"task_result": {"task_status": "COMPLETED"}}
        told = analysis(parameters={"x": "ended"}) if says_all else completed
        end = accept(told, NOON + SECOND, stage=END, key=start.key)
        recorder.spool.keep(end)
        expected = recorder.latest("FindPeaks", "x", run=12)
        assert expected == ("ended" if says_all else "begun")
        assert _answered(recorder.path, "FindPeaks", "x", 12, None) == expected
        list(recorder.replay())
        recorder.spool.keep(end)
        recorder.invalidate("FindPeaks", [2])
        assert recorder.latest("FindPeaks", "x", run=12) == "before"
        assert _answered(recorder.path, "FindPeaks", "x", 12, None) == "before"


def test_a_value_that_waits_is_as_its_column_will_hold_it(tmp_path: Path) -> None:
    values = {"text": "007", "flag": True, "number": 1.5, "many": [1, 2], "far": 2**70}
    with Recorder(tmp_path) as recorder:
        recorder.store(entry(0, task="Other"))
        recorder.spool.keep(accept(analysis(parameters=values)))
        for name in ("text", "flag", "number", "many[1]", "far", "timestamp", "valid_flag", "summary", "status"):
            expected = recorder.latest("FindPeaks", name)
            assert _answered(recorder.path, "FindPeaks", name, None, None) == expected, name


def test_the_value_goes_to_one_stream_and_its_entry_to_the_other(recorded: Path) -> None:
    got = answer("latest", recorded, "FindPeaks", "son_min", "--run", "0012")
    assert (got.code, got.out, got.err) == (0, "7.0\n", "FindPeaks #1 · run 12 · mfx100 · 2024-02-14 12:33:40 UTC\n")


@pytest.mark.parametrize("is_stored", [True, False])
def test_the_run_and_experiment_of_the_entry_are_said_where_it_has_any(tmp_path: Path, *, is_stored: bool) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(entry(0, task="Other"))
        first, second = (
            entry(1, header={"run": 5, "experiment": "mfx1"}),
            entry(2, after=1, header={"run": None, "experiment": None}),
        )
        for one, words in ((first, " · run 5 · mfx1 · "), (second, None)):
            recorder.store(one) if is_stored else recorder.spool.keep(one)
            got = answer("latest", tmp_path, "FindPeaks", "x", "--format", "json")
            found = json.loads(got.out)
            if words:
                assert words in got.err
                assert (found["run"], found["experiment"]) == ("5", "mfx1")
            else:
                assert " · run" not in got.err
                assert (found["run"], found["experiment"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("FindPeaks", "son_min", "--run", "9"),
            "FindPeaks has no valid entry of run 9: a next Task",
        ),
        (("FindPeaks", "son_min", "--experiment", "x"), "has no valid entry in x"),
        (("FindPeaks", "son_mn"), "FindPeaks has no parameter son_mn. Did you mean son_min?"),
        (("FindPeaks", "son"), "FindPeaks has no parameter son. Did you mean son_min?"),
        (("FindPeaks", "unheard_of"), "has no parameter unheard_of. `dbview show` lists what an entry has."),
        (("FindPeaks", "cell.name"), "#1 · run 12 · mfx100 · 2024-02-14 12:33:40 UTC holds NULL for cell.name"),
        (("FindPeak", "x"), "Did you mean FindPeaks"),
        (("gen_cfg", "run"), "gen_cfg is no Task"),
    ],
)
def test_without_a_value_the_words_say_why_and_the_code_is_8(
    recorded: Path, arguments: tuple[str, ...], words: str
) -> None:
    got = answer("latest", recorded, *arguments)
    assert (got.code, got.out) == (8, "")
    assert words in got.err


def test_what_waits_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(entry("stored"))
        recorder.spool.keep(entry("waiting", after=1))
    (tmp_path / "lute.db.spool" / "junk.json").write_text("[")
    before = snapshot(tmp_path), snapshot(tmp_path / "lute.db.spool")
    got = answer("latest", tmp_path, "FindPeaks", "x")
    assert (got.code, got.out) == (0, "waiting\n")
    waits, unread, words = got.err.splitlines()
    assert waits.startswith("waiting to be stored, and counted: 2024")
    assert unread.startswith("1 of the files that wait beside the database could not be read")
    assert "FindPeaks waiting to be stored" in words
    assert before == (snapshot(tmp_path), snapshot(tmp_path / "lute.db.spool"))


def test_two_experiments_with_that_run_are_named(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for number, name in enumerate(("mfx1", "mfx2", "mfx3")):
            recorder.store(entry(number, after=number, header={"run": 5, "experiment": name}))
        recorder.invalidate("FindPeaks", [1])
    got = answer("latest", tmp_path, "FindPeaks", "x", "--run", "5")
    assert (got.code, got.out) == (0, "2\n")
    assert "Run 5 is in experiments mfx3, mfx2: this is of the first." in got.err
    assert "is in experiments" not in answer("latest", tmp_path, "FindPeaks", "x", "--experiment", "mfx2").err


def test_parameters_beyond_the_column_limit_are_found(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(accept(analysis(parameters={f"p{number}": number for number in range(2_100)})))
        with pytest.raises(RecorderError):
            recorder.latest("Nothing", "p1")
        assert recorder.latest("FindPeaks", "p2099") == 2099
    assert answer("latest", tmp_path, "FindPeaks", "p2099").out == "2099\n"


def test_secrets_are_masked(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(accept(analysis(parameters={"api_token": "hidden"})))
    assert answer("latest", tmp_path, "FindPeaks", "api_token").out == "***\n"
    assert answer("latest", tmp_path, "FindPeaks", "api_token", "--reveal").out == "hidden\n"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("name", ["payload", "result.payload"])
def test_secrets_in_a_payload_are_masked(tmp_path: Path, form: str, name: str, *, is_stored: bool) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.store(entry("before", after=-1))
        accepted = accept(analysis(payload='{"api_key": "hidden", "user": "ana"}'), NOON)
        recorder.store(accepted) if is_stored else recorder.spool.keep(accepted)
    got = answer("latest", tmp_path, "FindPeaks", name, "--format", form)
    assert "***" in got.out
    assert "ana" in got.out
    assert "hidden" not in got.out
    assert "hidden" in answer("latest", tmp_path, "FindPeaks", name, "--format", form, "--reveal").out
