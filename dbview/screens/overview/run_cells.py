"""Put into few cells, and into three lines, how a Task went in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbview.compare.job import job_words, log_words
from dbview.query.relation import Role
from dbview.screens.row_detail import row_name
from dbview.source.entries.runs import RunCell
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.listing import Line, Span
from dbview.widgets.symbols import outcome_symbol, outcome_tone, status_tone, validity_word

if TYPE_CHECKING:
    from dbview.source.entries.record import Record

NO_ENTRY = "·"
NEEDS_ATTENTION = "!"


def marks_text(cell: RunCell, width: int) -> str:
    """Return the statuses from oldest to newest, ``F✓``; where they do not fit, their number and the last ones."""
    symbols = [outcome_symbol(mark.status, mark.valid) for mark in cell.marks]
    end = NEEDS_ATTENTION if cell.attention else ""
    whole = "".join(symbols) + end
    if cell.entries == len(symbols) and len(whole) <= width:
        return whole
    number = f"{cell.entries}" if cell.entries < 1000 else f"{cell.entries // 1000}k"
    while len(symbols) > 1 and len(number) + sum(map(len, symbols)) + len(end) > width:
        del symbols[0]
    return number + "".join(symbols) + end


def marks_tone(cell: RunCell) -> str:
    """Return the tone of a cell: that of its newest entry, unless somebody should look at it."""
    return "late" if cell.attention else outcome_tone(cell.newest.status, cell.newest.valid)


def is_open(cell: RunCell) -> bool:
    """Tell whether the newest entry is not valid: it failed, or runs yet, and was not done again."""
    return cell.newest.valid != 1


def number_text(number: int | float, width: int) -> str:
    """Return a number in so many cells, with fewer digits if it has more."""
    text = cell_text(number)
    digits = width
    while len(text) > width and digits:
        digits -= 1
        text = f"{number:.{digits}g}" if digits else "#" * width
    return text


# The detail strip


def place_words(task: str, run: Cell, cell: RunCell | None) -> str:
    """Return of which Task and run a cell is, and how many entries are behind it."""
    count = cell.entries if cell else 0
    entries = f"{count:,} entr{'y' if count == 1 else 'ies'}" if count else "no entry"
    return f"{visible(task)} · run {cell_text(run)} · {entries}"


def detail_lines(words: str, cell: RunCell, record: Record) -> tuple[Line, ...]:
    """Return how the newest entry of a cell went, where it ran and what it made, and why it failed or what it says.

    Args:
        words: What stands first.
        cell: The cell.
        record: Its newest entry.
    """
    status = record.role(Role.STATUS)
    validity = validity_word(record.role(Role.VALID))
    outcome: list[Span] = [
        (f"{words}   ", ""),
        (cell_text(status), status_tone(status)),
        (f" · {validity}", "" if validity == "valid" else "late"),
    ]
    return (Line(tuple(outcome)), Line(tuple(_origin(record))), Line((_reason(status, record),)))


def attention_spans(cell: RunCell) -> tuple[Span, ...]:
    """Return why somebody should look at a cell; nothing if nobody needs to."""
    return ((f"{NEEDS_ATTENTION} {' '.join(cell.attention)}", "late"),) if cell.attention else ()


def _origin(record: Record) -> list[Span]:
    time, payload, job = record.role(Role.TIME), record.role(Role.PAYLOAD), job_words(record)
    spans: list[Span] = [(row_name(record.relation, record.key), "name")]
    if isinstance(time, str):
        spans.append((f"  {visible(time)} UTC", ""))
    if job:
        spans.append((f"  {job}", ""))
    if payload not in (None, "", b""):
        spans.append((f"  {cell_text(payload)}", "dim"))
    return spans


def _reason(status: Cell, record: Record) -> Span:
    from dbview.source.entries.beside import is_failure
    from dbview.source.entries.reason import told_reason

    failure, summary = record.beside.failure, record.role(Role.SUMMARY)
    if failure is not None:
        facts = [f"{name} {value}" for name, value in failure.facts()] + failure.output_lines()[-1:]
        return (f"why: {' · '.join(facts)}", "")
    said = cell_text(summary) if summary not in (None, "") else ""
    if not is_failure(status):
        return (said, "") if said else ("no summary", "dim")
    if (told := told_reason(record)) is not None:
        # Of a traceback, what was raised stands last.
        return (f"why: {told.lines[-1]}", "")
    where = log_words(record)
    log = f"; the Task's log is {where}" if where else ""
    return (f"why: not recorded{log}{f' · its summary says {said}' if said else ''}", "dim")
