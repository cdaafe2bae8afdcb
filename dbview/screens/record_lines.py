"""Lay one row out as lines: an entry in the order of the questions asked about it, any other row column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from dbview.payload.files import FileState, file_words, files_in, files_of_payload, kept_file
from dbview.payload.recognise import JsonPayload, NoPayload, NumberPayload, Payload, TextPayload, recognise
from dbview.payload.tree import tree_lines
from dbview.query.relation import Role
from dbview.screens.payload_lines import payload_lines, payload_title
from dbview.screens.secrets import masked
from dbview.source.beside import how_it_ended, is_failure
from dbview.source.record import Record, SharedRow
from dbview.summary import name_and_value, summary_parts
from dbview.text import cell_text, moment_text, visible, visible_lines
from dbview.values import Cell
from dbview.widgets.drawing import fit, pad
from dbview.widgets.listing import Line, section
from dbview.widgets.symbols import status_symbol, status_tone, validity_word
from recorder.layout import tables
from recorder.layout.texts import env_variables, list_items

_WIDEST_NAME = 34
_LONGEST_BRIEF = 40
"""Cells of a status, run or time on the first line, where a file holds something else in their place."""

_LINES_OF_OUTPUT = 12
"""Lines of what a Task said last: the reason stands at the end, and the result is still in sight below."""


@dataclass(frozen=True)
class Contents:
    """What an entry's screen shows.

    Attributes:
        database: The file it stands in.
        record: The row.
        payload: What its payload is.
        paths: Those of the files that its payload and parameters name.
        files: What is known so far of these, by path.
    """

    database: Path
    record: Record
    payload: Payload
    paths: tuple[str, ...]
    files: Mapping[str, FileState] = field(default_factory=dict)

    def kept_file_words(self, name: str) -> str:
        """Return the words for a file that the recorder keeps, by its name."""
        return file_words(kept_file(self.database, name), self.files)


def contents_of(record: Record, database: Path) -> Contents:
    """Return a record with its payload recognised; decoding may take a moment, so this belongs in a worker."""
    payload = recognise(record.role(Role.PAYLOAD), record.beside.payload_directory(database))
    paths = (*files_of_payload(payload, database), *files_in(record.beside.exact, database))
    return Contents(database, record, payload, paths)


def record_lines(contents: Contents, shows_empty: bool, shows_output: bool) -> list[Line]:
    """Return the lines of a row.

    Args:
        contents: The row.
        shows_empty: True to list the parameters that are NULL too, not just their number.
        shows_output: True to show all of what a Task said last that is kept, not just the end.
    """
    record = contents.record
    if not record.is_entry:
        return [Line(), *_plain_lines(record)]
    return [
        *_origin_lines(record),
        *_failure_lines(record, shows_output),
        *_result_lines(contents),
        *_parameter_lines(contents, shows_empty),
        *_recording_lines(record),
        *_shared_lines("Configuration", record.shared.get(tables.GEN_CFG)),
        *_shared_lines("Executor", record.shared.get(tables.EXEC_CFG)),
        *_environment_lines(record),
        *_payload_section(contents),
    ]


# What it is


def _origin_lines(record: Record) -> list[Line]:
    status, valid = record.role(Role.STATUS), record.role(Role.VALID)
    word = validity_word(valid)
    lines = [
        Line(
            (
                (f" {status_symbol(status)} {_brief(status)}", status_tone(status)),
                (" · ", "dim"),
                (word, "" if word == "valid" else "late"),
                (f"   run {_brief(record.role(Role.RUN))} · {_brief(record.role(Role.EXPERIMENT))}", ""),
                (f" · {_brief(record.role(Role.TIME))} UTC", ""),
            ),
            indent=3,
        )
    ]
    for change in record.beside.validity:
        reason = f": {visible(change.reason)}" if change.reason else ", no reason given"
        when, who = moment_text(change.changed_at), visible(change.changed_by)
        text = f"   {validity_word(change.valid)} since {when}, by {who}{reason}"
        lines.append(Line(((text, "late"),), indent=5))
    if not record.beside.validity and word == "not valid" and status == "COMPLETED":
        lines.append(Line((("   who marked it not valid, and why, is not recorded", "dim"),)))
    return lines


def _brief(cell: Cell) -> str:
    return fit(cell_text(cell), _LONGEST_BRIEF)


def _failure_lines(record: Record, shows_output: bool) -> list[Line]:
    failure, status = record.beside.failure, record.role(Role.STATUS)
    if failure is None:
        return [Line((("   not recorded why", "dim"),))] if is_failure(status) else []
    said = failure.output_lines()
    hidden = 0 if shows_output else max(0, len(said) - _LINES_OF_OUTPUT)
    lines = [*section(how_it_ended(status)), *named_lines(failure.facts())]
    if hidden:
        lines.append(Line(((f"   … {hidden:,} lines before (o: show them)", "dim"),)))
    return lines + [Line(((f"   {line}", ""),), indent=3) for line in said[hidden:]]


# What came of it


def _result_lines(contents: Contents) -> list[Line]:
    record = contents.record
    schemas, payload = record.role(Role.SCHEMA), record.role(Role.PAYLOAD)
    named = ", ".join(list_items(schemas)) if isinstance(schemas, str) else ""
    rows = [
        *_summary_pairs(record.role(Role.SUMMARY)),
        ("schemas", visible(named) or _bare(schemas)),
        ("payload", _bare(payload) if isinstance(contents.payload, NoPayload) else payload_title(contents.payload)),
    ]
    return [*section("Result"), *named_lines(rows), *_payload_brief(contents)]


def _bare(cell: Cell) -> str:
    """Return a cell's text; NULL and nothing are told apart."""
    return cell_text(cell) if cell not in ("", b"") else "empty"


def _summary_pairs(summary: Cell) -> list[tuple[str, str]]:
    """Return a summary's ``name: value`` parts; a summary of any other form as it stands."""
    if not isinstance(summary, str) or not summary:
        return [("summary", _bare(summary))]
    found = [(part, name_and_value(part)) for part in summary_parts(summary)]
    if any(pair for _part, pair in found):
        return [(visible(pair[0]), visible(pair[1])) if pair else ("", visible(part)) for part, pair in found]
    first, *others = visible_lines(summary.rstrip("\n"))
    return [("summary", first), *(("", line) for line in others)]


def _is_brief(payload: Payload) -> bool:
    """Tell whether a payload is short enough to stand with the result; a longer one has a section at the end."""
    match payload:
        case NoPayload():
            return True
        case NumberPayload():
            return True
        case TextPayload(text=text):
            return text.count("\n") < 5 and len(text) < 400
        case JsonPayload(text=text):
            return len(text) < 60
        case _:
            return not hasattr(payload, "raw")


def _payload_brief(contents: Contents) -> list[Line]:
    if isinstance(contents.payload, NoPayload):
        return []
    if _is_brief(contents.payload):
        return _payload_lines(contents)
    return [Line((("   its contents stand at the end (End)", "dim"),))]


def _payload_section(contents: Contents) -> list[Line]:
    if _is_brief(contents.payload):
        return []
    return [*section("Payload", payload_title(contents.payload)), *_payload_lines(contents)]


def _payload_lines(contents: Contents) -> list[Line]:
    return payload_lines(contents.payload, contents.files, contents.kept_file_words)


# What it was made with


def _parameter_lines(contents: Contents, shows_empty: bool) -> list[Line]:
    record, parameters = contents.record, contents.record.parameters
    empty = sum(value is None for value in parameters.values())
    note = f"{len(parameters) - empty} set, {empty} empty{'' if shows_empty or not empty else ' (a: show them)'}"
    lines = section("Parameters", note)
    tree = record.parameter_tree(with_nulls=shows_empty)
    if not tree and not parameters:
        return [*lines, Line((("   this entry has none", "dim"),))]
    return lines + _tree(tree, contents.kept_file_words)


def _tree(tree: dict[str, Any], file: Callable[[str], str]) -> list[Line]:
    items = list(tree_lines(tree, cell_text, file))
    labels = [f"{'  ' * item.depth}{item.name}" for item in items]
    width = min(max((cell_len(label) for label in labels), default=0), _WIDEST_NAME)
    lines = []
    for item, label in zip(items, labels, strict=True):
        if item.is_leaf:
            lines.append(_named(label, item.value, width))
        else:
            lines.append(Line(((f"   {label}", "name"),)))
    return lines


def _recording_lines(record: Record) -> list[Line]:
    if record.beside.recording is None:
        return []
    return [*section("Recorded by"), *named_lines(record.beside.recording.facts())]


def _shared_lines(title: str, row: SharedRow | None) -> list[Line]:
    if row is None:
        return []
    lines = section(title, f"{row.relation} #{cell_text(row.key)}")
    if row.cells is None:
        return [*lines, Line((("   there is no such row in this file", "late"),))]
    # The environment has a section of its own, where secrets are masked.
    cells = {name: cell for name, cell in row.cells.items() if name not in (tables.ID, "env")}
    return [*lines, *named_lines((visible(name), cell_text(cell)) for name, cell in cells.items())]


def _environment_lines(record: Record) -> list[Line]:
    if not record.environment:
        return [*section("Environment"), Line((("   no variables are recorded", "dim"),))]
    count = len(record.environment)
    rows = ((visible(name), visible(value)) for name, value in record.environment.items())
    return [*section("Environment", f"{count} variable{'s' * (count != 1)}"), *named_lines(rows)]


# Any other row


def _plain_lines(record: Record) -> list[Line]:
    rows: list[tuple[str, str]] = []
    for column in record.relation.stored:
        cell = masked(column, record.cells[column.name])
        if column.role is Role.ENVIRONMENT and isinstance(cell, str):
            rows.append((visible(column.name), f"{len(env_variables(cell))} variables"))
            rows += [(f"  {visible(name)}", visible(value)) for name, value in env_variables(cell).items()]
        elif isinstance(cell, str) and "\n" in cell:
            first, *others = visible_lines(cell)
            rows += [(visible(column.name), first), *(("", line) for line in others)]
        else:
            rows.append((visible(column.name), cell_text(cell)))
    return named_lines(rows)


# Names and values


def named_lines(rows: Iterable[tuple[str, str]]) -> list[Line]:
    """Return one line for each name and value, the values below each other."""
    rows = list(rows)
    width = min(max((cell_len(name) for name, _value in rows), default=0), _WIDEST_NAME)
    return [_named(name, value, width) for name, value in rows]


def _named(name: str, value: str, width: int) -> Line:
    label = name if cell_len(name) > width else pad(name, width)
    tone = "dim" if value == cell_text(None) else ""
    return Line(((f"   {label}", "name"), (f"  {value}", tone)), indent=width + 5)
