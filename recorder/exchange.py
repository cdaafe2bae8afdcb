"""Take entries from other programs: each is one line of JSON, and so is each answer."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from recorder.entry import Entry
from recorder.errors import RecorderError, UnreadableEntry
from recorder.layout.texts import MASK, env_text, env_variables, is_secret
from recorder.recorder import Recorder
from recorder.replay import AT_ONCE
from recorder.secrecy import secret_words
from recorder.storage.base import Recorded


def store_lines(recorder: Recorder, lines: Iterable[bytes]) -> Iterator[dict[str, Any] | RecorderError]:
    """Store entries that are handed over as lines, up to :data:`~recorder.replay.AT_ONCE` in one transaction.

    Yields:
        For each line, in order: the entry's key and Task, and its ``id`` or the file that it waits in (``spooled``); or
        why it is no entry. Such a line is kept nowhere: it is the sender's still.

    Raises:
        EntryNotKept: Entries could be stored neither in the database nor in the spool.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while portion := list(itertools.islice(numbered, AT_ONCE)):
        read = [_entry(number, line) for number, line in portion]
        with recorder.batch() as batch:
            for found in read:
                if isinstance(found, Entry):
                    batch.store(found)
        places = iter(batch.recorded)
        for found in read:
            yield _where(found, next(places)) if isinstance(found, Entry) else found


def _entry(number: int, line: bytes) -> Entry | RecorderError:
    try:
        return _without_secrets(Entry.from_json(line.decode("utf-8")))
    except UnicodeDecodeError as error:
        return UnreadableEntry(f"line {number}: not an entry: not in UTF-8 ({error.reason})")
    except RecorderError as error:
        # What is no JSON is most often a piece of an entry that somebody has written over several lines.
        is_piece = not _is_json(line)
        return type(error)(f"line {number}: {error}{'; one entry must be one line' if is_piece else ''}")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _without_secrets(entry: Entry) -> Entry:
    """Mask what the sender, perhaps a script written by hand, has left in the environment."""
    env = entry.executor.get("env")
    variables = env_variables(env) if isinstance(env, str) else {}
    words = secret_words()
    if all(value == MASK or not is_secret(name, words) for name, value in variables.items()):
        return entry
    return dataclasses.replace(entry, executor={**entry.executor, "env": env_text(variables, words)})


def _where(entry: Entry, place: Any) -> dict[str, Any]:
    if isinstance(place, Recorded):
        return {"key": entry.key, "task": place.task, "id": place.id}
    return {"key": entry.key, "task": entry.task, "spooled": str(place)}
