"""Promises of every storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from recorder.entry import Entry
from recorder.errors import RecorderError, UnknownEntry, UnknownParameter, UnknownTask
from recorder.layout import tables
from recorder.storage.base import Recorded, Storage, Wanted
from recorder.testing.entries import TASK, change, entry_of, equal, expect, newest, raised, selected
from recorder.testing.stages import StagesContract


class StorageContract(StagesContract):
    """Promises of every storage; the fixture ``storage`` is the subclass's."""

    # Storing

    def test_an_entry_is_stored_once_however_often_it_is_tried(self, storage: Storage) -> None:
        first, second = entry_of(), entry_of()
        equal(storage.store([first]), [Recorded(TASK, 1)])
        equal(storage.store([second, first]), [Recorded(TASK, 2), Recorded(TASK, 1)])
        equal(storage.status().counts[0].entries, 2)
        equal(storage.read(TASK, 1).key, first.key)

    def test_several_entries_are_stored_in_their_order(self, storage: Storage) -> None:
        many = [entry_of(minute, {"x": minute}, task=task) for minute in range(3) for task in (TASK, "Index")]
        stored = storage.store(many)
        equal(stored, [Recorded(task, number) for number in (1, 2, 3) for task in (TASK, "Index")])
        equal([entry.parameters["x"] for entry in selected(storage)], [0, 1, 2])

    def test_several_entries_are_stored_all_or_none(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1})])
        with raised(ZeroDivisionError):
            storage.store(_fails_after([entry_of(1, {"x": 2}), entry_of(1, task="Other")]))
        equal([(count.task, count.entries) for count in storage.status().counts], [(TASK, 1)])
        equal(storage.store([entry_of(2, {"x": 3})]), [Recorded(TASK, 2)])

    def test_what_is_stored_is_read_back(self, storage: Storage) -> None:
        tree = {"a": {"b": [1, None]}, "path": b"\xff", "flag": True, "empty": []}
        failure = {"return_code": -9, "signal": "SIGKILL", "output": "[/x] killed \ud800", "log": "/l/1.out"}
        made = entry_of(0.5, tree, payload=b"\x00", failure=failure, header={"beamline": "MFX"}, code_version="v[2]")
        storage.store([made])
        read = storage.read(TASK, 1)
        equal(read.parameters, {"a.b[0]": 1, "a.b[1]": None, "path": b"\xff", "flag": 1})
        equal((read.exact, read.parameters_hash, read.extra), (made.parameters, made.parameters_hash, made.extra))
        equal((read.header["run"], read.executor["env"]), ("12", "SLURM_JOB_ID=48210687"))
        equal((read.task, read.id, read.stage, read.started_at), (TASK, 1, "whole", None))
        equal(read.recorded_at, made.timestamp.isoformat(timespec="microseconds"))
        equal(read.payload_kind, "bytes")
        equal((read.origin["host"], read.origin["code_version"]), (made.origin["host"], "v[2]"))
        equal(read.failure, {**failure, "output": "[/x] killed \\ud800"})
        expected = {
            tables.TIMESTAMP: "2024-02-12 22:00:30",
            tables.RESULT_STATUS: "COMPLETED",
            tables.RESULT_SUMMARY: "812 hits",
            tables.RESULT_PAYLOAD: b"\x00",
            tables.RESULT_SCHEMAS: None,
            tables.VALID_FLAG: 1,
        }
        equal(read.result, expected)

    def test_a_result_that_is_a_file_is_pointed_to(self, storage: Storage) -> None:
        content = b"not much"
        name = f"sha256-{hashlib.sha256(content).hexdigest()}.npy"
        fields = {**vars(entry_of()), "payload": {"$file": name}, "files": {name: content}}
        storage.store([Entry(**fields)])
        expect(str(storage.read(TASK, 1).result[tables.RESULT_PAYLOAD]).endswith(name), "the cell names the file")

    def test_tasks_are_counted_under_their_own_names(self, storage: Storage) -> None:
        names = ["My-Task", "Order", "gen_cfg", "order", "sqlite_x", "_rec_x", 'a"b', "executions"]
        for name in names:
            storage.store([entry_of(task=name)])
        equal([count.task for count in storage.status().counts], sorted(names))

    # The newest

    def test_the_newest_is_that_of_the_greatest_timestamp_then_id(self, storage: Storage) -> None:
        for minute, value in ((5, "late"), (1, "replayed"), (5, "latest"), (3, "early")):
            storage.store([entry_of(minute, {"x": value})])
        for run in (None, 12):
            equal((newest(storage, run=run).value, newest(storage, run=run).id), ("latest", 3))

    def test_only_valid_entries_count_unless_all_are_wanted(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}), entry_of(1, {"x": 2}, status="FAILED")])
        for run in (None, 12):
            equal(newest(storage, run=run).value, 1)
            equal(newest(storage, run=run, valid_only=False).value, 2)

    def test_null_in_the_newest_is_the_answer(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}), entry_of(1, {"x": None})])
        equal(newest(storage).value, None)

    def test_a_run_matches_as_number_or_text(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": "right"}), entry_of(1, {"x": "wrong"}, header={"run": 112})])
        storage.store([entry_of(0, {"x": "dark"}, header={"run": "dark"})])
        for wanted, value in ((12, "right"), ("12", "right"), ("012", "right"), (12.0, "right"), ("dark", "dark")):
            equal(newest(storage, run=wanted).value, value)

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
            equal(storage.latest(Wanted(TASK, "x", run=wanted)), None)  # type: ignore[arg-type]
        for odd in ("1_2", str(2**70), "\x00", "é"):
            storage.store([entry_of(0, {"x": odd}, header={"run": odd})])
            equal(newest(storage, run=odd).value, odd)
        equal(newest(storage, run=2**70).value, str(2**70))

    def test_an_entry_without_run_and_experiment_is_of_none(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1}, header={"run": None, "experiment": None})])
        equal(storage.latest(Wanted(TASK, "x", run="None")), None)
        equal(storage.latest(Wanted(TASK, "x", experiment="None")), None)
        equal(newest(storage).value, 1)

    def test_experiments_that_hold_the_run_are_all_named(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": "b"}, header={"experiment": "mfxB"})])
        storage.store([entry_of(1, {"x": "a"}, header={"experiment": "mfxA"})])
        storage.store([entry_of(2, {"x": "c"}, header={"experiment": "mfxC"}, status="FAILED")])
        found = newest(storage, run=12)
        equal((found.value, found.experiments), ("a", ("mfxA", "mfxB")))
        for run in (12, None):
            only = newest(storage, run=run, experiment="mfxB")
            equal((only.value, only.experiments), ("b", ("mfxB",)))
        equal(storage.latest(Wanted(TASK, "x", experiment="mfxb")), None)

    # Names, validity, selections

    def test_what_was_never_recorded_is_named(self, storage: Storage) -> None:
        with raised(RecorderError):
            storage.latest(Wanted(TASK, "x"))
        storage.store([entry_of(0, {"x": 1})])
        with raised(UnknownTask, "'FindPeak'"):
            storage.latest(Wanted("FindPeak", "x"))
        with raised(UnknownParameter, "'y'"):
            storage.latest(Wanted(TASK, "y"))
        with raised(UnknownParameter, "'y'"):
            selected(storage, where={"y": (1,)})
        with raised(UnknownEntry, "2"):
            storage.read(TASK, 2)

    def test_fixed_columns_have_short_names_where_no_parameter_has_them(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"summary": "mine"})])
        for name, value in (("status", "COMPLETED"), ("payload", "/data/out.h5"), ("valid", 1), ("summary", "mine")):
            equal(newest(storage, name).value, value)
        equal([len(selected(storage, where={"status": (status,)})) for status in ("COMPLETED", "FAILED")], [1, 0])

    def test_validity_changes_all_or_none(self, storage: Storage) -> None:
        storage.store([entry_of(minute, {"x": minute}) for minute in range(3)])
        with raised(UnknownEntry, "9"):
            storage.set_validity(TASK, [3, 9], change(False))
        equal(newest(storage).value, 2)
        storage.set_validity(TASK, [3, 2], change(False))
        equal(newest(storage, run=12).value, 0)
        storage.set_validity(TASK, [2], change(True))
        equal(newest(storage).value, 1)
        equal(storage.status().counts[0].valid, 2)

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
            equal([entry.id for entry in selected(storage, **selection)], ids)

    def test_a_closed_storage_opens_itself_again(self, storage: Storage) -> None:
        storage.store([entry_of(0, {"x": 1})])
        storage.close()
        equal(newest(storage).value, 1)
        storage.close()
        equal(storage.store([entry_of(1, {"x": 2})]), [Recorded(TASK, 2)])


def _fails_after(entries: list[Entry]) -> Iterator[Entry]:
    yield from entries
    raise ZeroDivisionError("while entries were handed over")
