"""Promises about Tasks that begin and end."""

from __future__ import annotations

import datetime
from dataclasses import replace
from types import SimpleNamespace

from recorder.accept import accept
from recorder.entry import END, START
from recorder.layout import tables
from recorder.storage.base import Recorded, Storage
from recorder.testing.entries import BEGIN, HEADER, TASK, change, entry_of, equal, newest, selected


class StagesContract:
    """What becomes of the starts and ends of Tasks."""

    def test_an_end_completes_its_start_in_place(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1, "early": 2}, stage=START)
        storage.store([entry_of(0, {"x": 0}), began])
        read = storage.read(TASK, 2)
        equal((read.stage, read.result[tables.RESULT_STATUS], read.result[tables.VALID_FLAG]), ("start", "RUNNING", 0))
        ended = entry_of(
            7, {"x": 5, "late": 6}, header={"run": 13}, stage=END, key=began.key, failure={"return_code": 0}
        )
        equal(storage.store([ended, ended, began]), [Recorded(TASK, 2)] * 3)
        read = storage.read(TASK, 2)
        equal((read.stage, read.key, read.header["run"], read.failure), ("end", began.key, "13", {"return_code": 0}))
        equal(read.parameters, {"x": 5, "early": None, "late": 6})
        equal((read.exact, read.parameters_hash), (ended.parameters, ended.parameters_hash))
        equal((read.result[tables.TIMESTAMP], read.result[tables.VALID_FLAG]), ("2024-02-12 22:07:00", 1))
        equal(read.started_at, began.timestamp.isoformat(timespec="microseconds"))
        equal((newest(storage, run=13).id, newest(storage, run=12, valid_only=False).id), (2, 1))
        equal(storage.status().counts[0].entries, 2)

    def test_what_an_end_leaves_out_stays_as_its_start_said_it(self, storage: Storage) -> None:
        header = {"run": 12, "beamline": "MFX"}
        began = entry_of(0, {"x": 1, "deep": {"y": [2, None]}}, header=header, stage=START, code_version="v2")
        storage.store([began])
        before = storage.read(TASK, 1)
        left = SimpleNamespace(task_result=SimpleNamespace(task_status="FAILED", summary="out of memory"))
        storage.store([accept(left, stage=END, key=began.key, failure={"return_code": -9})])
        read = storage.read(TASK, 1)
        equal((read.parameters, read.exact, read.header), (before.parameters, before.exact, before.header))
        equal((read.parameters_hash, read.extra), (before.parameters_hash, before.extra))
        equal((read.executor, read.origin), (before.executor, before.origin))
        equal((read.result[tables.RESULT_STATUS], read.result[tables.RESULT_SUMMARY]), ("FAILED", "out of memory"))
        equal((read.stage, read.failure["signal"]), ("end", "SIGKILL"))

    def test_a_field_of_the_header_that_an_end_gives_counts(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, header={"run": 12, "beamline": "MFX"}, stage=START)
        storage.store([began])
        given = SimpleNamespace(task_parameters={"x": 2, "lute_config": {"run": "13"}})
        storage.store([accept(given, stage=END, key=began.key)])
        read = storage.read(TASK, 1)
        equal((read.header["run"], read.header["experiment"]), ("13", HEADER["experiment"]))
        equal((read.parameters, read.extra), ({"x": 2}, {"header": {"beamline": "MFX"}}))

    def test_an_end_without_its_start_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, stage=START)
        ended = entry_of(7, {"x": 5}, stage=END, key=began.key)
        equal(storage.store([ended]), [Recorded(TASK, 1)])
        equal(storage.store([began]), [Recorded(TASK, 1)])
        equal((storage.read(TASK, 1).stage, newest(storage).value), ("end", 5))

    def test_another_end_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, stage=START)
        ended, again = (entry_of(minute, {"x": minute}, stage=END, key=began.key) for minute in (7, 9))
        bare = replace(
            entry_of(11, stage=END, key=began.key, task="unnamed"), parameters={}, status="FAILED", valid=False
        )
        equal(storage.store([began, ended, again]), [Recorded(TASK, 1), Recorded(TASK, 1), Recorded(TASK, 2)])
        equal(storage.find([bare]), [None])
        equal(storage.store([bare, again, ended, bare]), [Recorded(TASK, number) for number in (3, 2, 1, 3)])
        equal(storage.find([began, bare, again, ended]), [Recorded(TASK, number) for number in (1, 3, 2, 1)])
        equal(
            [(entry.parameters["x"], entry.stage) for entry in selected(storage)], [(7, "end"), (9, "end"), (7, "end")]
        )
        equal(len({entry.key for entry in selected(storage)}), 3)
        whole = entry_of(0, {"x": 4})
        another = entry_of(1, {"x": 5}, stage=END, key=whole.key)
        equal(storage.store([whole, another, whole, another]), [Recorded(TASK, number) for number in (4, 5, 4, 5)])

    def test_an_end_of_another_task_is_an_entry_of_its_own(self, storage: Storage) -> None:
        began = entry_of(0, {"x": 1}, header={"run": 13}, stage=START)
        other = entry_of(7, {"y": 2}, task="Other", header={"run": None}, stage=END, key=began.key)
        equal(storage.store([began, other, other]), [Recorded(TASK, 1), *[Recorded("Other", 1)] * 2])
        equal((storage.read(TASK, 1).stage, storage.read("Other", 1).header["run"]), ("start", None))
        equal(storage.find([other]), [Recorded("Other", 1)])
        ended = entry_of(7, {"x": 5}, stage=END, key=began.key)
        equal(storage.store([ended, other, ended]), [Recorded(TASK, 1), Recorded("Other", 1), Recorded(TASK, 1)])
        equal((storage.read(TASK, 1).stage, newest(storage, valid_only=False).value), ("end", 5))

    def test_what_is_marked_while_it_runs_stays_not_valid(self, storage: Storage) -> None:
        for number, marks in enumerate([[], [False], [False, True], [True, False], [True]], 1):
            for status in ("COMPLETED", "FAILED"):
                began = entry_of(0, task=status, stage=START)
                storage.store([began])
                for mark in marks:
                    storage.set_validity(status, [number], change(mark))
                storage.store([entry_of(1, task=status, status=status, stage=END, key=began.key)])
        flags = [storage.read("COMPLETED", number).result[tables.VALID_FLAG] for number in range(1, 6)]
        equal(flags, [1, 0, 1, 0, 1])
        equal([storage.read("FAILED", number).result[tables.VALID_FLAG] for number in range(1, 6)], [0] * 5)

    def test_what_is_stored_is_found_without_storing_it_again(self, storage: Storage) -> None:
        began = entry_of(0, stage=START)
        ended = entry_of(7, stage=END, key=began.key)
        storage.store([began])
        equal(storage.find([began, ended, entry_of(1)]), [Recorded(TASK, 1), None, None])
        storage.store([ended])
        equal(storage.find([ended, began]), [Recorded(TASK, 1)] * 2)

    def test_what_runs_for_too_long_is_counted_as_stale(self, storage: Storage) -> None:
        now = (datetime.datetime.now(datetime.UTC) - BEGIN).total_seconds() / 60
        storage.store([entry_of(0, stage=START), entry_of(now - 1, stage=START), entry_of(0, status="RUNNING")])
        storage.store([entry_of(0, stage=START, header={"task_timeout": None})])
        storage.store([entry_of(0)])
        count = storage.status().counts[0]
        equal((count.entries, count.valid, count.running, count.stale), (5, 1, 4, 2))
