"""Tell what of an environment belongs to the job alone, and so differs from entry to entry, and which job that was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dbview.text import cell_text, visible

if TYPE_CHECKING:
    from dbview.source.entries.record import Record

_JOB_WORDS = frozenset(
    {"id", "ids", "gtid", "gtids", "jobid", "stepid", "nodeid", "procid", "localid", "taskid", "pid", "ppid"}
    | {"host", "hostname", "node", "nodelist", "nodename", "addr", "ipaddr", "iplist", "aliases", "socket"}
    | {"port", "ports", "time", "token"}
)
"""Words of a variable's name: numbers of jobs, steps and processes, names of nodes, ports, sockets, moments, tokens."""

_MEANT = frozenset({"uid", "gid"})
_WORD = re.compile(r"[a-z0-9]+")
_JOB = ("SLURM_JOB_ID", "SLURM_JOBID")
_NODE = ("SLURMD_NODENAME", "SLURM_JOB_NODELIST", "SLURM_NODELIST", "LUTE_EXECUTOR_HOST", "HOSTNAME")


def is_of_job(name: str) -> bool:
    """Tell whether a variable has another value in every job, as its name says."""
    words = _WORD.findall(name.lower())
    return not _JOB_WORDS.isdisjoint(words) and _MEANT.isdisjoint(words)


def job_variables(count: int) -> str:
    """Return in words how many variables are of the job."""
    return f"{count:,} variable{'s' * (count != 1)} of the job"


def job_and_node(environment: Mapping[str, str], job: str = "", host: str = "") -> tuple[str, str]:
    """Return the number of the job and the name of the node that an entry comes from, each empty if it is not known.

    Args:
        environment: The executor's variables.
        job: The job that the recorder noted, if any.
        host: The host that the recorder noted, if any.
    """
    return (
        job or next((environment[name] for name in _JOB if environment.get(name)), ""),
        next((environment[name] for name in _NODE if environment.get(name)), "") or host,
    )


def job_words(record: Record) -> str:
    """Return in which job and on which node an entry was made, as far as that is known: ``job 7 on node3``."""
    job, node = _visible_job_and_node(record)
    return " ".join(filter(None, [f"job {job}" if job else "", f"on {node}" if node else ""]))


def log_words(record: Record) -> str:
    """Return where the log of an entry's Task is: ``that of job 7 on node3``, ``on node3``; empty if nobody knows."""
    job, node = _visible_job_and_node(record)
    return f"that of {job_words(record)}" if job else f"on {node}" if node else ""


def _visible_job_and_node(record: Record) -> tuple[str, str]:
    recording = record.beside.recording
    noted = (recording.job, recording.host) if recording else (None, None)
    told = ["" if cell is None else cell_text(cell) for cell in noted]
    job, node = job_and_node(record.environment, *told)
    return visible(job), visible(node)
