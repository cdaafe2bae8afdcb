"""The files that an entry names, as data and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbview.paths import located
from dbview.payload.files import FileState, file_state
from dbview.payload.looking import LookInto, Looks, Wanted
from dbview.source.entries.entry_paths import NamedPath, paths_of_entry
from dbview.source.entries.record import Record
from dbview.text import visible


def files_of_entry(record: Record, database: Path) -> list[tuple[NamedPath, FileState]]:
    """Return the paths that an entry names and what is known of each; waits for no file system for long."""
    named = paths_of_entry(record, database)
    wanted = [Wanted(one.path, one.located) for one in named]
    states = {state.path: state for state in Looks().states(wanted, LookInto(database))}
    return [(one, states[one.path]) for one in named]


def state_of(path: str) -> FileState:
    """Return what is known of the file at an absolute path; waits for no file system for long."""
    (state,) = Looks().states([Wanted(path, located(path, "/", {}))], file_state)
    return state


def file_objects(files: Sequence[tuple[NamedPath, FileState]]) -> list[dict[str, Any]]:
    """Return the files as JSON; ``count`` is that of a directory's entries, or of a pattern's files."""
    return [
        {
            "name": one.name,
            "path": one.path,
            "made": one.is_made,
            "place": one.located.place,
            "presence": state.presence.value,
            "kind": state.kind,
            "size": state.size,
            "count": state.count,
            "modified": state.modified,
            "reason": state.reason,
        }
        for one, state in files
    ]


def file_lines(files: Sequence[tuple[NamedPath, FileState]]) -> Iterator[str]:
    """Yield a line for each file."""
    for one, state in files:
        yield f"{'out' if one.is_made else 'in '} {visible(one.name)}: {visible(one.path)} ({state.words()})"
