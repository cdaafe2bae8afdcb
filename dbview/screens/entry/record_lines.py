"""Lay one row out as lines: an entry in the order of the questions asked about it, any other row column by column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dbview.compare.job import is_of_job, job_words, log_words
from dbview.payload.recognise import JsonPayload, NoPayload, NumberPayload, Payload, TextPayload
from dbview.query.relation import Role
from dbview.query.view import EntryPlace
from dbview.screens.entry.contents import Contents
from dbview.screens.entry.file_lines import file_sections
from dbview.screens.entry.parameter_lines import good_lines, parameter_section
from dbview.screens.entry.payload_lines import payload_lines, payload_title
from dbview.screens.entry.row_lines import row_key, row_sections, variables_words
from dbview.screens.sections import Section, named_lines, page_lines
from dbview.source.entries.beside import did_not_complete, how_it_ended, is_failure
from dbview.source.entries.reason import told_reason
from dbview.source.entries.record import Record, SharedRow
from dbview.summary import name_and_value, summary_parts
from dbview.text import cell_text, moment_text, visible, visible_lines
from dbview.values import Cell
from dbview.widgets.drawing import fit
from dbview.widgets.listing import Line
from dbview.widgets.symbols import status_symbol, status_tone, validity_word
from recorder.layout import tables
from recorder.layout.texts import list_items

_LONGEST_BRIEF = 40
"""Cells of a status, run or time on the first line, where a file holds something else in their place."""

_LINES_OF_OUTPUT = 12
"""Lines of what a Task said last: the reason stands at the end, and the result is still in sight below."""

_LONGEST_TOLD = 600
"""Cells of a line of a reason that the result tells; all of it stands in the result, still in sight below."""


@dataclass(frozen=True)
class Shown:
    """What of a row is shown.

    Attributes:
        empty: The parameters that are NULL too, not just their number.
        output: All of what a Task said last that is kept, not just the end.
        toggled: Titles of the sections that are folded, or not, against what they are at first.
        width: Cells of a line; what is cut to them is told in full elsewhere.
    """

    empty: bool = False
    output: bool = False
    toggled: Collection[str] = ()
    width: int = 120


def record_lines(contents: Contents, shown: Shown) -> list[Line]:
    """Return the lines of a row."""
    record = contents.record
    if not record.is_entry:
        return page_lines((), row_sections(contents), shown.toggled)
    around = contents.around
    sections = [
        *_failure_sections(contents, shown.output),
        _result_section(contents),
        *file_sections(contents, shown.width),
        parameter_section(
            record, around.before if around else None, around is None, shown.empty, contents.kept_file_words
        ),
        *_recording_sections(record),
        *_shared_sections("Configuration", record.shared.get(tables.GEN_CFG)),
        *_shared_sections("Executor", record.shared.get(tables.EXEC_CFG)),
        *_environment_sections(record),
        *_payload_sections(contents),
    ]
    return page_lines(_origin_lines(contents), sections, shown.toggled)


# What it is


def _origin_lines(contents: Contents) -> list[Line]:
    record = contents.record
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
                (_place_in_run(contents), ""),
            ),
            indent=3,
        ),
        *_job_lines(record),
    ]
    around = contents.around
    if around and (latest := around.tries.latest_good) is not None:
        lines.append(_next_task_line(record, latest))
    lines += [Line(((f" ! {reason}", "late"),), indent=3) for reason in (around.attention if around else ())]
    for change in record.beside.validity:
        reason = f": {visible(change.reason)}" if change.reason else ", no reason given"
        when, who = moment_text(change.changed_at), visible(change.changed_by)
        text = f"   {validity_word(change.valid)} since {when}, by {who}{reason}"
        lines.append(Line(((text, "late"),), indent=5))
    if not record.beside.validity and word == "not valid" and status == "COMPLETED":
        lines.append(Line((("   who marked it not valid, and why, is not recorded", "dim"),)))
    return lines


def _next_task_line(record: Record, latest: int) -> Line:
    """Say that a next Task of the run is given this entry, or which other one."""
    next_task = f"a next Task of run {_brief(record.role(Role.RUN))} gets"
    if latest == record.key:
        return Line(((" ★ ", "good"), (f"what {next_task}", "")))
    return Line(((f"   {next_task} #{latest}", "dim"),))


def _place_in_run(contents: Contents) -> str:
    tries = contents.around.tries if contents.around else None
    if tries is None or tries.count < 2:
        return ""
    return f" · {_ordinal(tries.number)} of {tries.count:,} in this run"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _job_lines(record: Record) -> list[Line]:
    text = job_words(record)
    return [Line(((f"   {text}", "dim"),))] if text else []


def _brief(cell: Cell) -> str:
    return fit(cell_text(cell), _LONGEST_BRIEF)


def _failure_sections(contents: Contents, shows_output: bool) -> list[Section]:
    record = contents.record
    failure, status = record.beside.failure, record.role(Role.STATUS)
    good = contents.around.good if contents.around else None
    if failure is None and not did_not_complete(status):
        return []
    lines: list[Line] = []
    if failure is not None:
        said = failure.output_lines()
        hidden = 0 if shows_output else max(0, len(said) - _LINES_OF_OUTPUT)
        lines += named_lines(failure.facts())
        if hidden:
            lines.append(Line(((f"   … {hidden:,} lines before (o: show them)", "dim"),)))
        lines += [Line(((f"   {line}", ""),), indent=3) for line in said[hidden:]]
    elif (told := told_reason(record)) is not None:
        first, *others = (fit(line, _LONGEST_TOLD) for line in told.lines[-_LINES_OF_OUTPUT:])
        lines.append(Line(((f"   its {told.by} says: {first}", ""),), indent=3))
        lines += [Line(((f"   {line}", ""),), indent=3) for line in others]
    elif is_failure(status):
        where = log_words(record)
        lines.append(Line(((f"   not recorded why{f'; its log is {where}' if where else ''}", "dim"),)))
    lines += good_lines(good)
    return [Section(how_it_ended(status), lines)] if lines else []


# What came of it


def _result_section(contents: Contents) -> Section:
    record = contents.record
    schemas, payload = record.role(Role.SCHEMA), record.role(Role.PAYLOAD)
    named = ", ".join(list_items(schemas)) if isinstance(schemas, str) else ""
    rows = [
        *_summary_pairs(record.role(Role.SUMMARY)),
        ("schemas", visible(named) or _bare(schemas)),
        ("payload", _bare(payload) if isinstance(contents.payload, NoPayload) else _payload_words(contents)),
    ]
    return Section("Result", [*named_lines(rows), *_payload_brief(contents)])


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


def _payload_words(contents: Contents) -> str:
    title = payload_title(contents.payload)
    return f"{title} · under Files" if contents.listed_payload else title


def _payload_brief(contents: Contents) -> list[Line]:
    if isinstance(contents.payload, NoPayload) or contents.listed_payload:
        return []
    if _is_brief(contents.payload):
        return _payload_lines(contents)
    return [Line((("   its contents stand at the end (End)", "dim"),))]


def _payload_sections(contents: Contents) -> list[Section]:
    if _is_brief(contents.payload):
        return []
    return [Section("Payload", _payload_lines(contents), payload_title(contents.payload))]


def _payload_lines(contents: Contents) -> list[Line]:
    return payload_lines(contents.payload, contents.files, contents.kept_file_words)


# What it was made with


def _recording_sections(record: Record) -> list[Section]:
    recording = record.beside.recording
    return [Section("Recorded by", named_lines(recording.facts()))] if recording else []


def _shared_sections(title: str, row: SharedRow | None) -> list[Section]:
    if row is None:
        return []
    note = f"{row.relation} #{cell_text(row.key)}"
    if row.cells is None or not isinstance(row.key, int):
        return [Section(title, [Line((("   there is no such row in this file", "late"),))], note)]
    # The environment has a section of its own, where secrets are masked.
    cells = {name: cell for name, cell in row.cells.items() if name not in (tables.ID, "env")}
    rows = ((visible(name), cell_text(cell)) for name, cell in cells.items())
    return [Section(title, named_lines(rows, row_key(EntryPlace(row.relation, row.key))), note)]


def _environment_sections(record: Record) -> list[Section]:
    if not record.environment:
        return [Section("Environment", [Line((("   no variables are recorded", "dim"),))])]
    named = [(visible(name), visible(value), is_of_job(name)) for name, value in record.environment.items()]
    kept = [(name, value) for name, value, of_job in named if not of_job]
    of_job = [(name, value) for name, value, of_job in named if of_job]
    sections = [Section("Environment", named_lines(kept), variables_words(len(kept)))] if kept else []
    if of_job:
        note = f"{variables_words(len(of_job))} that differ{'s' * (len(of_job) == 1)} in every job"
        sections.append(Section("Environment of the job", named_lines(of_job), note, is_folded=True))
    return sections
