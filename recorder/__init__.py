"""The flight recorder for Tasks: one call at a Task's end stores one entry.

The names below are loaded when they are first used, so that ``recorder.layout`` costs neither pydantic nor a database.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorder.dropin import invalidate_entry, read_latest_db_entry, record_analysis_db
    from recorder.entry import Entry
    from recorder.errors import (
        DatabaseLocked,
        EntryNotKept,
        FileMissing,
        NotADatabase,
        NotFound,
        PermissionDenied,
        RecorderError,
        Refused,
        StorageFailed,
        UnknownEntry,
        UnknownParameter,
        UnknownTask,
        UnreadableEntry,
        UnsupportedLayout,
    )
    from recorder.models import AnalysisHeader, DescribedAnalysis, TaskParameters, TaskResult, TaskStatus
    from recorder.recorded import RecordedEntry
    from recorder.recorder import Recorder
    from recorder.storage.base import Recorded

__all__ = [
    "AnalysisHeader",
    "DatabaseLocked",
    "DescribedAnalysis",
    "Entry",
    "EntryNotKept",
    "FileMissing",
    "NotADatabase",
    "NotFound",
    "PermissionDenied",
    "Recorded",
    "RecordedEntry",
    "Recorder",
    "RecorderError",
    "Refused",
    "StorageFailed",
    "TaskParameters",
    "TaskResult",
    "TaskStatus",
    "UnknownEntry",
    "UnknownParameter",
    "UnknownTask",
    "UnreadableEntry",
    "UnsupportedLayout",
    "invalidate_entry",
    "read_latest_db_entry",
    "record_analysis_db",
]

_HOMES = {
    "Entry": "entry",
    "Recorded": "storage.base",
    "RecordedEntry": "recorded",
    "Recorder": "recorder",
    **dict.fromkeys(["AnalysisHeader", "DescribedAnalysis", "TaskParameters", "TaskResult", "TaskStatus"], "models"),
    **dict.fromkeys(["invalidate_entry", "read_latest_db_entry", "record_analysis_db"], "dropin"),
}
"""Modules of the public names; those that are not here are errors."""

logging.getLogger("recorder").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"recorder.{_HOMES.get(name, 'errors')}")
    value = globals()[name] = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return __all__
