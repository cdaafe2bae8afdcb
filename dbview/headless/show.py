"""``dbview show``: one entry in full."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from dbview.headless.cells import json_text
from dbview.headless.entry import entry_object, find_neighbours, row_object, without_environment
from dbview.headless.files import file_lines, files_of_entry, state_of
from dbview.headless.query import WHOLE_VALUES
from dbview.payload.files import file_words, kept_file
from dbview.payload.hexadecimal import hex_lines
from dbview.payload.recognise import (
    BytesPayload,
    JsonPayload,
    NoPayload,
    NumberPayload,
    PathPayload,
    TextPayload,
    UnreadablePayload,
    recognise,
)
from dbview.payload.tree import indented, tree_lines
from dbview.query.relation import Role
from dbview.source.entries.beside import how_it_ended, is_failure
from dbview.source.entries.entry_paths import locating
from dbview.source.entries.reason import told_reason
from dbview.source.entries.record import Record, read_record
from dbview.source.source import Source
from dbview.text import NULL, cell_text, moment_text, size_text, visible, visible_lines
from dbview.values import Cell
from recorder.layout.tables import EXEC_CFG, GEN_CFG
from recorder.layout.texts import list_items

_INDENT = "  "
_LINES_OF_TEXT = 200
_BYTES_OF_HEX = 256
_ENVIRONMENT = "env"


def show(source: Source, table: str, key: int, form: str, out: TextIO, *, alone: bool = False) -> None:
    """Write one row in full; of a Task table the entry with all that belongs to it.

    Args:
        source: The file.
        table: Name of the relation.
        key: The row's id.
        form: One of its formats.
        out: Where to write.
        alone: In JSON, leave out what must be looked for: other entries and files.

    Raises:
        NotFound: There is no such table or row.
    """
    relation = source.relation(table)
    with contextlib.closing(source.reader(WHOLE_VALUES)) as reader:
        found = read_record(reader, source.relations(), relation, key)
        neighbours = None if form != "json" or alone else find_neighbours(reader, source, found)
    record = found.masked()
    if form == "json":
        is_entry = record.is_entry
        shown = entry_object(record, source.path, neighbours) if is_entry else row_object(record, neighbours)
        out.write(json_text(shown, indent=2) + "\n")
        return
    for line in _entry_lines(record, source.path) if record.is_entry else _row_lines(record):
        out.write(line.rstrip() + "\n")


# Text


def _row_lines(record: Record) -> Iterator[str]:
    yield f"{visible(record.relation.name)} #{record.key}"
    yield ""
    yield from _pairs(record.cells)


def _entry_lines(record: Record, database: Path) -> Iterator[str]:
    yield f"{visible(record.relation.name)} #{record.key}"
    yield " · ".join(_facts(record))
    for change in record.beside.validity:
        reason = f": {visible(change.reason)}" if change.reason else ", no reason given"
        validity = _validity_words(change.valid)
        yield f"{_INDENT}{validity} since {moment_text(change.changed_at)}, by {visible(change.changed_by)}{reason}"
    yield from _failure_lines(record)
    yield from _section("Result", _result_lines(record, database))
    files = files_of_entry(record, database)
    if files:
        yield from _section("Files", file_lines(files))
    empty = sum(cell is None for cell in record.parameters.values())
    tree = record.parameter_tree(with_nulls=True)
    parameters = indented(tree_lines(tree, cell_text, _kept_in(database)), _INDENT)
    yield from _section(f"Parameters ({len(record.parameters)}, {empty} of them {NULL})", parameters)
    if record.beside.recording is not None:
        yield from _section("Recorded by", _pairs(dict(record.beside.recording.facts())))
    for name, row in record.shared.items():
        if row.cells is None:
            lines: Iterable[str] = [f"there is no row {cell_text(row.key)}"]
        else:
            lines = _pairs(without_environment(row.cells))
        yield from _section(f"{_SHARED_TITLES.get(name, name)} ({name} #{cell_text(row.key)})", lines)
    count = len(record.environment)
    yield from _section(f"Environment ({count} variable{'s' * (count != 1)})", _pairs(record.environment))


_SHARED_TITLES = {GEN_CFG: "Configuration", EXEC_CFG: "Executor"}


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (_INDENT + line for line in lines)


def _facts(record: Record) -> Iterator[str]:
    status = record.role(Role.STATUS)
    yield "no status" if status is None else cell_text(status)
    yield _validity_words(record.role(Role.VALID))
    for role, words in ((Role.RUN, "run "), (Role.EXPERIMENT, "")):
        if (value := record.role(role)) is not None:
            yield words + cell_text(value)
    if (time := record.role(Role.TIME)) is not None:
        yield f"{cell_text(time)} UTC"


def _validity_words(valid: Cell) -> str:
    return "valid" if valid == 1 else "not valid" if valid == 0 else "validity unknown"


def _failure_lines(record: Record) -> Iterator[str]:
    failure = record.beside.failure
    if failure is None:
        if (told := told_reason(record)) is not None:
            first, *others = told.lines[-_LINES_OF_TEXT:]
            lines = [f"its {told.by} says: {first}", *others]
            yield from _section(how_it_ended(record.role(Role.STATUS)), lines)
        elif is_failure(record.role(Role.STATUS)):
            yield f"{_INDENT}not recorded why"
        return
    yield from _section(how_it_ended(record.role(Role.STATUS)), _pairs(dict(failure.facts())))
    lines = failure.output_lines()
    if lines:
        yield f"{_INDENT}output"
    if len(lines) > _LINES_OF_TEXT:
        yield f"{_INDENT * 2}… (these are the last {_LINES_OF_TEXT} lines; --format json has all of it)"
    yield from (f"{_INDENT * 2}{line}" for line in lines[-_LINES_OF_TEXT:])


def _kept_in(database: Path) -> Callable[[str], str]:
    """Return a function that gives the words for a file that the recorder keeps, by its name."""

    def words(name: str) -> str:
        path = kept_file(database, name)
        return file_words(path, {path: state_of(path)})

    return words


def _result_lines(record: Record, database: Path) -> Iterator[str]:
    summary = record.role(Role.SUMMARY)
    if isinstance(summary, str) and summary:
        yield "summary"
        yield from (_INDENT + visible(item.strip()) for item in list_items(summary))
    else:
        yield f"summary: {'empty' if summary == '' else cell_text(summary)}"
    yield f"schemas: {cell_text(record.role(Role.SCHEMA))}"
    yield from _payload_lines(record, database)


def _payload_lines(record: Record, database: Path) -> Iterator[str]:
    kept_beside, locate = record.beside.payload_directory(database), locating(record, database)
    payload = recognise(record.role(Role.PAYLOAD), kept_beside, locate)
    label = f"payload: {payload.label}"
    match payload:
        case NoPayload():
            yield label
        case NumberPayload(value=value):
            yield f"{label} {value!r}"
        case UnreadablePayload(reason=reason):
            yield f"{label}: {visible(reason)}"
        case PathPayload(paths=paths):
            yield label
            for path in paths:
                yield f"{_INDENT}{file_words(path, {path: state_of(path)})}"
        case JsonPayload(tree=tree):
            yield label
            yield from _cut(_INDENT + line for line in indented(tree_lines(tree, file=_kept_in(database))))
        case TextPayload(text=text, whole=whole):
            yield label if whole else f"{label}, its beginning only"
            yield from _cut(_INDENT + line for line in visible_lines(text))
        case BytesPayload(raw=raw, size=size):
            yield f"{label}, {'size unknown' if size is None else size_text(size)}"
            yield from (_INDENT + line for line in hex_lines(raw[:_BYTES_OF_HEX]))
            if size is None or size > _BYTES_OF_HEX:
                yield f"{_INDENT}… (--format json has all of it)"


def _cut(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == _LINES_OF_TEXT:
            yield f"{_INDENT}… (--format json has all of it)"
            return
        yield line


def _pairs(values: Mapping[str, Cell]) -> Iterator[str]:
    width = max((len(visible(name)) for name in values), default=0)
    for name, value in values.items():
        yield f"{visible(name):<{width}}{_INDENT}{'' if value == '' else cell_text(value)}"
