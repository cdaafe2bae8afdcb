"""The contract of a storage as a test class: hold your own against it.

Written for pytest, which is not imported here. A subclass provides the fixture ``storage``, an empty one each time::

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self, tmp_path):
            return MyStorage(tmp_path)

Each method is one promise of :class:`recorder.storage.base.Storage`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from recorder.accept import accept
from recorder.entry import END, START, Entry
from recorder.errors import RecorderError, UnknownEntry, UnknownParameter, UnknownTask
from recorder.layout import tables
from recorder.storage.base import Found, Recorded, Selection, Storage, StoredEntry, ValidityChange, Wanted

TASK = "FindPeaks"
BEGIN = datetime.datetime(2024, 2, 12, 22, 0, tzinfo=datetime.UTC)
HEADER = {"title": "Lysozyme", "experiment": "mfxl1038923", "run": 12, "date": "2024/02/12", "task_timeout": 600}


def entry_of(
    minute: float = 0,
    parameters: Mapping[str, Any] | None = None,
    *,
    task: str = TASK,
    status: str = "COMPLETED",
    header: Mapping[str, Any] | None = None,
    payload: Any = "/data/out.h5",
    **how: Any,
) -> Entry:
    """Return an entry recorded some minutes after :data:`BEGIN`; further arguments as for ``accept``."""
    result = SimpleNamespace(task_name=task, task_status=status, summary="812 hits", payload=payload)
    shared = {**HEADER, **(header or {})}
    cfg = SimpleNamespace(
        task_result=result,
        task_parameters={**(parameters or {}), "lute_config": shared},
        task_env={"SLURM_JOB_ID": "48210687"},
        poll_interval=0.05,
        communicator_desc=["sockets"],
    )
    return accept(cfg, BEGIN + datetime.timedelta(minutes=minute), **how)


def change(valid: bool) -> ValidityChange:
    """Return somebody's change of validity."""
    return ValidityChange(valid, "someone@somewhere", BEGIN, "beam was off")


def newest(storage: Storage, parameter: str = "x", **wanted: Any) -> Found:
    """Return what is found of the newest entry, and fail if nothing is."""
    found = storage.latest(Wanted(TASK, parameter, **wanted))
    _expect(found is not None, "an entry matches")
    return found  # type: ignore[return-value]


def selected(storage: Storage, **selection: Any) -> list[StoredEntry]:
    """Return all entries that match, window by window."""
    entries: list[StoredEntry] = []
    last: int | None = 0
    while last is not None:
        window = storage.window(Selection(TASK, **selection), last)
        entries += window.entries
        last = window.last
    return entries


class StorageContract:
    """Promises of every storage; the fixture ``storage`` is the subclass's."""

    # Storing

    def test_an_entry_is_stored_once_however_often_it_is_tried(self, storage: Storage) -> None:
        first, second = entry_of(), entry_of()
        _equal(storage.store([first]), [Recorded(TASK, 1)])
        _equal(storage.store([second, first]), [Recorded(TASK, 2), Recorded(TASK, 1)])
        _equal(storage.status().counts[0].entries, 2)
        _equal(storage.read(TASK, 1).key, first.key)

    def test_several_entries_are_stored_in_their_order(self, storage: Storage) -> None:
        many = [entry_of(minute, {"x": minute}, task=task) for minute in range(3) for task in (TASK, "Index")]
        stored = storage.store(many)
        _equal(stored, [Recorded(task, number) for number in (1, 2, 3) for task in (TASK, "Index")])
        _equal([entry.parameters["x"] for entry in selected(storage)], [0, 1, 2])

    def test_several_entries_are_stored_all_or_none(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1})])
        with _raised(ZeroDivisionError):
            storage.store(_fails_after([entry_of(1, {"x": 2}), entry_of(1, task="Other")]))
        _equal([(count.task, count.entries) for count in storage.status().counts], [(TASK, 1)])
        _equal(storage.store([entry_of(2, {"x": 3})]), [Recorded(TASK, 2)])

    def test_what_is_stored_is_read_back(self, storage: Storage) -> None:
        tree = {"a": {"b": [1, None]}, "path": b"\xff", "flag": True, "empty": []}
        failure = {"return_code": -9, "signal": "SIGKILL", "output": "[/x] killed \ud800", "log": "/l/1.out"}
        made = entry_of(0.5, tree, payload=b"\x00", failure=failure, header={"beamline": "MFX"}, code_version="v[2]")
        storage.store([made])
        read = storage.read(TASK, 1)
        _equal(read.parameters, {"a.b[0]": 1, "a.b[1]": None, "path": b"\xff", "flag": 1})
        _equal((read.exact, read.parameters_hash, read.extra), (made.parameters, made.parameters_hash, made.extra))
        _equal((read.header["run"], read.executor["env"]), ("12", "SLURM_JOB_ID=48210687"))
        _equal((read.task, read.id, read.stage, read.started_at), (TASK, 1, "whole", None))
        _equal(read.recorded_at, made.timestamp.isoformat(timespec="microseconds"))
        _equal(read.payload_kind, "bytes")
        _equal((read.origin["host"], read.origin["code_version"]), (made.origin["host"], "v[2]"))
        _equal(read.failure, {**failure, "output": "[/x] killed \\ud800"})
        expected = {
            tables.TIMESTAMP: "2024-02-12 22:00:30",
            tables.RESULT_STATUS: "COMPLETED",
            tables.RESULT_SUMMARY: "812 hits",
            tables.RESULT_PAYLOAD: b"\x00",
            tables.RESULT_SCHEMAS: None,
            tables.VALID_FLAG: 1,
        }
        _equal(read.result, expected)

    def test_a_result_that_is_a_file_is_pointed_to(self, storage: Storage) -> None:
        content = b"not much"
        name = f"sha256-{hashlib.sha256(content).hexdigest()}.npy"
        fields = {**vars(entry_of()), "payload": {"$file": name}, "files": {name: content}}
        storage.store([Entry(**fields)])
        _expect(str(storage.read(TASK, 1).result[tables.RESULT_PAYLOAD]).endswith(name), "the cell names the file")

    def test_tasks_are_counted_under_their_own_names(self, storage: Storage) -> None:
        names = ["My-Task", "Order", "gen_cfg", "order", "sqlite_x", "_rec_x", 'a"b', "executions"]
        for name in names:
            storage.store([entry_of(task=name)])
        _equal([count.task for count in storage.status().counts], sorted(names))

    # Stages

    def test_an_end_completes_its_start_in_place(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1, "early": 2}, stage=START)
        storage.store([entry_of(0, {"x": 0}), began])
        read = storage.read(TASK, 2)
        _equal((read.stage, read.result[tables.RESULT_STATUS], read.result[tables.VALID_FLAG]), ("start", "RUNNING", 0))
        ended = entry_of(
            7, {"x": 5, "late": 6}, header={"run": 13}, stage=END, key=began.key, failure={"return_code": 0}
        )
        _equal(storage.store([ended, ended, began]), [Recorded(TASK, 2)] * 3)
        read = storage.read(TASK, 2)
        _equal((read.stage, read.key, read.header["run"], read.failure), ("end", began.key, "13", {"return_code": 0}))
        _equal(read.parameters, {"x": 5, "early": None, "late": 6})
        _equal((read.exact, read.parameters_hash), (ended.parameters, ended.parameters_hash))
        _equal((read.result[tables.TIMESTAMP], read.result[tables.VALID_FLAG]), ("2024-02-12 22:07:00", 1))
        _equal(read.started_at, began.timestamp.isoformat(timespec="microseconds"))
        _equal((newest(storage, run=13).id, newest(storage, run=12, valid_only=False).id), (2, 1))
        _equal(storage.status().counts[0].entries, 2)

    def test_what_an_end_leaves_out_stays_as_its_start_said_it(self, storage: Storage) -> None:
        header = {"run": 12, "beamline": "MFX"}
        began = entry_of(0, {"x": 1, "deep": {"y": [2, None]}}, header=header, stage=START, code_version="v2")
        storage.store([began])
        before = storage.read(TASK, 1)
        left = SimpleNamespace(task_result=SimpleNamespace(task_status="FAILED", summary="out of memory"))
        storage.store([accept(left, stage=END, key=began.key, failure={"return_code": -9})])
        read = storage.read(TASK, 1)
        _equal((read.parameters, read.exact, read.header), (before.parameters, before.exact, before.header))
        _equal((read.parameters_hash, read.extra), (before.parameters_hash, before.extra))
        _equal((read.executor, read.origin), (before.executor, before.origin))
        _equal((read.result[tables.RESULT_STATUS], read.result[tables.RESULT_SUMMARY]), ("FAILED", "out of memory"))
        _equal((read.stage, read.failure["signal"]), ("end", "SIGKILL"))

    def test_a_field_of_the_header_that_an_end_gives_counts(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, header={"run": 12, "beamline": "MFX"}, stage=START)
        storage.store([began])
        given = SimpleNamespace(task_parameters={"x": 2, "lute_config": {"run": "13"}})
        storage.store([accept(given, stage=END, key=began.key)])
        read = storage.read(TASK, 1)
        _equal((read.header["run"], read.header["experiment"]), ("13", HEADER["experiment"]))
        _equal((read.parameters, read.extra), ({"x": 2}, {"header": {"beamline": "MFX"}}))

    def test_an_end_without_its_start_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, stage=START)
        ended = entry_of(7, {"x": 5}, stage=END, key=began.key)
        _equal(storage.store([ended]), [Recorded(TASK, 1)])
        _equal(storage.store([began]), [Recorded(TASK, 1)])
        _equal((storage.read(TASK, 1).stage, newest(storage).value), ("end", 5))

    def test_another_end_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, stage=START)
        ended, again = (entry_of(minute, {"x": minute}, stage=END, key=began.key) for minute in (7, 9))
        bare = replace(
            entry_of(11, stage=END, key=began.key, task="unnamed"), parameters={}, status="FAILED", valid=False
        )
        _equal(storage.store([began, ended, again]), [Recorded(TASK, 1), Recorded(TASK, 1), Recorded(TASK, 2)])
        _equal(storage.find([bare]), [None])
        _equal(storage.store([bare, again, ended, bare]), [Recorded(TASK, number) for number in (3, 2, 1, 3)])
        _equal(storage.find([began, bare, again, ended]), [Recorded(TASK, number) for number in (1, 3, 2, 1)])
        _equal(
            [(entry.parameters["x"], entry.stage) for entry in selected(storage)], [(7, "end"), (9, "end"), (7, "end")]
        )
        _equal(len({entry.key for entry in selected(storage)}), 3)
        whole = entry_of(0, {"x": 4})
        another = entry_of(1, {"x": 5}, stage=END, key=whole.key)
        _equal(storage.store([whole, another, whole, another]), [Recorded(TASK, number) for number in (4, 5, 4, 5)])

    def test_an_end_of_another_task_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, header={"run": 13}, stage=START)
        other = entry_of(7, {"y": 2}, task="Other", header={"run": None}, stage=END, key=began.key)
        _equal(storage.store([began, other, other]), [Recorded(TASK, 1), *[Recorded("Other", 1)] * 2])
        _equal((storage.read(TASK, 1).stage, storage.read("Other", 1).header["run"]), ("start", None))
        _equal(storage.find([other]), [Recorded("Other", 1)])
        ended = entry_of(7, {"x": 5}, stage=END, key=began.key)
        _equal(storage.store([ended, other, ended]), [Recorded(TASK, 1), Recorded("Other", 1), Recorded(TASK, 1)])
        _equal((storage.read(TASK, 1).stage, newest(storage, valid_only=False).value), ("end", 5))

    def test_what_is_marked_while_it_runs_stays_not_valid(self, storage: Storage) -> None:
        for number, marks in enumerate([[], [False], [False, True], [True, False], [True]], 1):
            for status in ("COMPLETED", "FAILED"):
                began = entry_of(0, task=status, stage=START)
                storage.store([began])
                for mark in marks:
                    storage.set_validity(status, [number], change(mark))
                storage.store([entry_of(1, task=status, status=status, stage=END, key=began.key)])
        flags = [storage.read("COMPLETED", number).result[tables.VALID_FLAG] for number in range(1, 6)]
        _equal(flags, [1, 0, 1, 0, 1])
        _equal([storage.read("FAILED", number).result[tables.VALID_FLAG] for number in range(1, 6)], [0] * 5)

    def test_what_is_stored_is_found_without_storing_it_again(self, storage: Storage) -> None:
        began = entry_of(0, stage=START)
        ended = entry_of(7, stage=END, key=began.key)
        storage.store([began])
        _equal(storage.find([began, ended, entry_of(1)]), [Recorded(TASK, 1), None, None])
        storage.store([ended])
        _equal(storage.find([ended, began]), [Recorded(TASK, 1)] * 2)

    def test_what_runs_for_too_long_is_counted_as_stale(self, storage: Storage) -> None:
        now = (datetime.datetime.now(datetime.UTC) - BEGIN).total_seconds() / 60
        storage.store([entry_of(0, stage=START), entry_of(now - 1, stage=START), entry_of(0, status="RUNNING")])
        storage.store([entry_of(0, stage=START, header={"task_timeout": None})])
        storage.store([entry_of(0)])
        count = storage.status().counts[0]
        _equal((count.entries, count.valid, count.running, count.stale), (5, 1, 4, 2))

    # The newest

    def test_the_newest_is_that_of_the_greatest_timestamp_then_id(self, storage: Storage) -> None:
        for minute, value in ((5, "late"), (1, "replayed"), (5, "latest"), (3, "early")):
            storage.store([entry_of(minute, {"x": value})])
        for run in (None, 12):
            _equal((newest(storage, run=run).value, newest(storage, run=run).id), ("latest", 3))

    def test_only_valid_entries_count_unless_all_are_wanted(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}), entry_of(1, {"x": 2}, status="FAILED")])
        for run in (None, 12):
            _equal(newest(storage, run=run).value, 1)
            _equal(newest(storage, run=run, valid_only=False).value, 2)

    def test_null_in_the_newest_is_the_answer(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}), entry_of(1, {"x": None})])
        _equal(newest(storage).value, None)

    def test_a_run_matches_as_number_or_text(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": "right"}), entry_of(1, {"x": "wrong"}, header={"run": 112})])
        storage.store([entry_of(0, {"x": "dark"}, header={"run": "dark"})])
        for wanted, value in ((12, "right"), ("12", "right"), ("012", "right"), (12.0, "right"), ("dark", "dark")):
            _equal(newest(storage, run=wanted).value, value)

    def test_an_odd_run_matches_nothing_but_itself(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": "right"})])
        for wanted in (
            10**400,
            -(10**400),
            2**63,
            2**70,
            "1_2",
            "1e999",
            [12],
            b"12",
            "None",
            "nan",
            "\ud800",
            "12\x00",
        ):
            _equal(storage.latest(Wanted(TASK, "x", run=wanted)), None)  # type: ignore[arg-type]
        for odd in ("1_2", str(2**70), "\x00", "é"):
            storage.store([entry_of(0, {"x": odd}, header={"run": odd})])
            _equal(newest(storage, run=odd).value, odd)
        _equal(newest(storage, run=2**70).value, str(2**70))

    def test_an_entry_without_run_and_experiment_is_of_none(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}, header={"run": None, "experiment": None})])
        _equal(storage.latest(Wanted(TASK, "x", run="None")), None)
        _equal(storage.latest(Wanted(TASK, "x", experiment="None")), None)
        _equal(newest(storage).value, 1)

    def test_experiments_that_hold_the_run_are_all_named(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": "b"}, header={"experiment": "mfxB"})])
        storage.store([entry_of(1, {"x": "a"}, header={"experiment": "mfxA"})])
        storage.store([entry_of(2, {"x": "c"}, header={"experiment": "mfxC"}, status="FAILED")])
        found = newest(storage, run=12)
        _equal((found.value, found.experiments), ("a", ("mfxA", "mfxB")))
        for run in (12, None):
            only = newest(storage, run=run, experiment="mfxB")
            _equal((only.value, only.experiments), ("b", ("mfxB",)))
        _equal(storage.latest(Wanted(TASK, "x", experiment="mfxb")), None)

    # Names, validity, selections

    def test_what_was_never_recorded_is_named(self, storage: Storage) -> None:
        with _raised(RecorderError):
            storage.latest(Wanted(TASK, "x"))
        storage.store([entry_of(0, {"x": 1})])
        with _raised(UnknownTask, "'FindPeak'"):
            storage.latest(Wanted("FindPeak", "x"))
        with _raised(UnknownParameter, "'y'"):
            storage.latest(Wanted(TASK, "y"))
        with _raised(UnknownParameter, "'y'"):
            selected(storage, where={"y": (1,)})
        with _raised(UnknownEntry, "2"):
            storage.read(TASK, 2)

    def test_fixed_columns_have_short_names_where_no_parameter_has_them(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"summary": "mine"})])
        for name, value in (("status", "COMPLETED"), ("payload", "/data/out.h5"), ("valid", 1), ("summary", "mine")):
            _equal(newest(storage, name).value, value)
        _equal([len(selected(storage, where={"status": (status,)})) for status in ("COMPLETED", "FAILED")], [1, 0])

    def test_validity_changes_all_or_none(self, storage: Storage) -> None:
        storage.store([entry_of(minute, {"x": minute}) for minute in range(3)])
        with _raised(UnknownEntry, "9"):
            storage.set_validity(TASK, [3, 9], change(False))
        _equal(newest(storage).value, 2)
        storage.set_validity(TASK, [3, 2], change(False))
        _equal(newest(storage, run=12).value, 0)
        storage.set_validity(TASK, [2], change(True))
        _equal(newest(storage).value, 1)
        _equal(storage.status().counts[0].valid, 2)

    def test_entries_are_selected(self, storage: Storage) -> None:
        for number, text in enumerate(["a", "b", None, "7"]):
            header = {"run": 12 + number % 2, "experiment": f"e{number // 2}"}
            storage.store(
                [
                    entry_of(
                        number, {"n": number, "t": text}, status="FAILED" if number == 1 else "COMPLETED", header=header
                    )
                ]
            )
        for selection, ids in (
            ({}, [1, 2, 3, 4]),
            ({"valid_only": True}, [1, 3, 4]),
            ({"run": "012"}, [1, 3]),
            ({"experiment": "e1"}, [3, 4]),
            ({"run": 13, "experiment": "e0"}, [2]),
            ({"run": 99}, []),
            ({"where": {"n": (0, "3", 2.0)}}, [1, 3, 4]),
            ({"where": {"t": (None, "b")}}, [2, 3]),
            ({"where": {"t": (7,)}}, [4]),
            ({"where": {"t": ("a",), "n": (1,)}}, []),
            ({"where": {tables.RESULT_STATUS: ("FAILED",)}}, [2]),
            ({"where": {"n": ()}}, []),
        ):
            _equal([entry.id for entry in selected(storage, **selection)], ids)

    def test_a_closed_storage_opens_itself_again(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1})])
        storage.close()
        _equal(newest(storage).value, 1)
        storage.close()
        _equal(storage.store([entry_of(1, {"x": 2})]), [Recorded(TASK, 2)])


def _fails_after(entries: list[Entry]) -> Iterator[Entry]:
    yield from entries
    raise ZeroDivisionError("while entries were handed over")


# Not `assert`: the promises hold under `python -O` too.
def _expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise AssertionError(f"not so: {what}")


def _equal(found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


@contextmanager
def _raised(kind: type[Exception], words: str = "") -> Iterator[None]:
    try:
        yield
    except kind as error:
        _expect(words in str(error), f"{error} says {words!r}")
        return
    raise AssertionError(f"no {kind.__name__} was raised")
