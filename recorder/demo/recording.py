"""Record the demo's experiments: what has been, and what goes on."""

from __future__ import annotations

import datetime
import itertools
import os
import random
import select
import sys
from collections.abc import Iterator
from pathlib import Path

from recorder import DescribedAnalysis, Recorded, Recorder, TaskResult, TaskStatus
from recorder.demo.beamtime import Experiment, Finished, experiments, history

SEED = 20240214
PAUSE = datetime.timedelta(hours=49)
"""Between the beam times of the two experiments."""
SECONDS_BETWEEN_LIVE_ENTRIES = 1.5

NOT_VALID = {20: "Attenuator was left in; see the logbook, 21:40", 34: "Jet was off for most of the run"}
"""Runs of the second experiment whose entries turned out to be useless, and why."""
LISTS_CLEANED_UP = range(12, 17)
"""Runs of the second experiment whose lists of hits have been deleted since."""


def record_history(recorder: Recorder, directory: Path, until: datetime.datetime) -> Iterator[Finished]:
    """Record both experiments, the last entry at ``until``; return what comes next, without an end.

    The content is the same every time, but for the times and for ``directory`` in the paths.
    """
    dice = random.Random(SEED)
    mixing, lysozyme = experiments(directory)
    earlier = planned(history(mixing, dice), mixing)
    runs = history(lysozyme, dice)
    later = planned(runs, lysozyme)
    durations = [datetime.timedelta(minutes=end.minutes) for end in earlier + later]
    durations[len(earlier)] += PAUSE
    ended_at = until - sum(durations, datetime.timedelta())
    with recorder.batch() as batch:
        for end, duration in zip(earlier + later, durations, strict=True):
            ended_at += duration
            batch.record(described(end), timestamp=ended_at)
            if isinstance(end.payload, Path) and end.payload.exists():
                os.utime(end.payload, (ended_at.timestamp(), ended_at.timestamp()))
    for end, where in zip(later, batch.recorded[len(earlier) :], strict=True):
        reason = NOT_VALID.get(end.run) if end.status == "COMPLETED" else None
        if reason and isinstance(where, Recorded):
            recorder.invalidate(where.task, [where.id], reason)
    for run in LISTS_CLEANED_UP:
        (lysozyme.results / "cxi" / f"{lysozyme.name}_r{run:04d}.list").unlink()
    return itertools.chain.from_iterable(runs)


def planned(runs: Iterator[list[Finished]], experiment: Experiment) -> list[Finished]:
    """Return what was run during an experiment's beam time."""
    return [end for run in itertools.islice(runs, len(experiment.runs)) for end in run]


def record_live(recorder: Recorder, going_on: Iterator[Finished]) -> None:
    """Record an entry every moment until the standard input ends, as it does when the process holding it is gone."""
    for end in going_on:
        readable, _, _ = select.select([sys.stdin], [], [], SECONDS_BETWEEN_LIVE_ENTRIES)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return
        recorder.record(described(end))


def described(end: Finished) -> DescribedAnalysis:
    """Return what an Executor hands to the recorder about a Task that has ended."""
    return DescribedAnalysis(
        task_result=TaskResult(
            task_name=end.task,
            task_status=TaskStatus[end.status],
            summary=end.summary,
            payload=end.payload,
            impl_schemas=end.schemas,
        ),
        task_parameters=end.parameters,
        task_env=environment(end),
        poll_interval=0.05,
        communicator_desc=["Pipe: signals, logging", "Socket: large results"],
    )


def environment(end: Finished) -> dict[str, str]:
    """Return the variables of the batch job that ran a Task; a job runs all Tasks of a run."""
    header = end.parameters.lute_config
    return {
        "SLURM_JOB_ID": str(48210000 + 17 * end.run + len(header.title)),
        "SLURM_JOB_NODELIST": f"milan{100 + end.run % 40:03d}",
        "SLURM_JOB_PARTITION": "milano",
        "SLURM_JOB_NAME": f"{header.experiment};r{end.run:04d}",
        "SLURM_NTASKS": "120" if end.task == "IndexPatterns" else "12",
        "SLURM_JWT": "eyJhbGciOiJIUzI1NiJ9.a-secret-that-must-not-be-stored",
        "LUTE_PATH": "/opt/lute/0.1",
        "PATH": "/usr/bin:/bin",
    }
