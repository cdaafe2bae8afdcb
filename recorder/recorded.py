"""Give back what was recorded: entries with typed values, and models equal to those that were handed over."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeVar

from recorder.accept import HEADER
from recorder.errors import UnreadableEntry
from recorder.layout import tables
from recorder.layout.flatten import unflatten
from recorder.layout.tagged import from_json_value, to_json_value
from recorder.layout.texts import masked_variables
from recorder.layout.values import StoredValue, as_column, to_stored
from recorder.neighbours import real_file
from recorder.payloads import with_files
from recorder.storage.base import Selection, StoredEntry
from recorder.storage.payload_files import payload_directory
from recorder.turns import Turns

Model = TypeVar("Model")


@dataclass(frozen=True)
class RecordedEntry:
    """An entry with its values as Python knows them.

    Attributes:
        key: None if another program wrote it.
        timestamp: The moment of recording, UTC; None if the column holds no moment.
        run: As text, which is what the column holds.
        date: When the analysis was set up, as its header says.
        environment: The variables that are kept, by name; secrets are masked.
        parameters: Nested, as they were handed over; of another program's entry, what the columns hold.
        summary: The value itself; of another program's entry, what the column holds.
        payload: The value itself; what is kept as a file beside the database is that file's path, in full.
        valid: None if the column says neither.
        stage: ``whole``, ``start`` or ``end``.
        started_at: When the Task began, where that was said.
        failure: What the Executor knew of a failure, by name; mostly empty.
        origin: Who recorded it, where, in which job, with which version, by name.
    """

    task: str
    id: int
    key: str | None
    timestamp: datetime.datetime | None
    experiment: str | None
    run: str | None
    title: str | None
    date: str | None
    environment: dict[str, str]
    parameters: dict[str, Any]
    status: str | None
    summary: Any
    payload: Any
    schemas: str | None
    valid: bool | None
    stage: str
    started_at: datetime.datetime | None
    failure: dict[str, StoredValue]
    origin: dict[str, StoredValue]


def go_through(turns: Turns, selection: Selection, database: Path) -> Iterator[RecordedEntry]:
    """Yield the entries that match, window by window; nothing is held in between."""
    last: int | None = 0
    while last is not None:
        with turns.turn() as storage:
            window = storage.window(selection, last)
        for stored in window.entries:
            yield recorded_entry(stored, database)
        last = window.last


def recorded_entry(stored: StoredEntry, database: Path) -> RecordedEntry:
    """Return a stored entry with typed values.

    Args:
        stored: The entry as it is kept.
        database: The file that holds it; files of results are beside it.
    """
    valid = stored.result[tables.VALID_FLAG]
    return RecordedEntry(
        task=stored.task,
        id=stored.id,
        key=stored.key,
        timestamp=_moment(stored.recorded_at or stored.result[tables.TIMESTAMP]),
        experiment=_text(stored.header.get("experiment")),
        run=_text(stored.header.get("run")),
        title=_text(stored.header.get("title")),
        date=_text(stored.header.get("date")),
        environment=masked_variables(_text(stored.executor.get("env")) or ""),
        parameters=_parameters(stored, database),
        status=_text(stored.result[tables.RESULT_STATUS]),
        summary=_exact(stored, database, "summary", tables.RESULT_SUMMARY, stored.result[tables.RESULT_SUMMARY]),
        payload=_payload(stored, database),
        schemas=_text(stored.result[tables.RESULT_SCHEMAS]),
        valid=bool(valid) if valid in (0, 1) else None,
        stage=stored.stage,
        started_at=_moment(stored.started_at),
        failure=stored.failure,
        origin=stored.origin,
    )


def tagged_lists(where: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the tagged values that are wanted by name, of values or lists of values."""
    several = (list, tuple, set, frozenset)
    listed = {name: value if isinstance(value, several) else [value] for name, value in where.items()}
    return {name: tuple(map(to_json_value, values)) for name, values in listed.items()}


def _text(cell: StoredValue) -> str | None:
    return None if cell is None else str(cell)


def _moment(text: StoredValue) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)


def _parameters(stored: StoredEntry, database: Path) -> dict[str, Any]:
    if stored.exact is None:
        return unflatten(stored.parameters.items())
    exact = _value(stored.exact, database)
    return exact if isinstance(exact, dict) else {}


def _value(tree: Any, database: Path) -> Any:
    """Return the value of a tagged tree, in which files are where they are beside the database."""
    directory = payload_directory(database)
    return _with_paths(from_json_value(with_files(tree, lambda name: {"$path": str(directory / name)})))


def _with_paths(value: Any) -> Any:
    """Return a value in which paths are those of this machine: models ask for such."""
    if isinstance(value, PurePath):
        return Path(value)
    if isinstance(value, dict):
        return {_with_paths(key): _with_paths(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(map(_with_paths, value))
    return value


def _payload(stored: StoredEntry, database: Path) -> Any:
    cell = stored.result[tables.RESULT_PAYLOAD]
    if stored.payload_kind == "file":
        return real_file(database).parent / str(cell)
    if stored.payload_kind == "json":
        try:
            return _value(json.loads(str(cell)), database)
        except ValueError:  # somebody altered the column since
            return cell
    inexact = Path(str(cell)) if stored.payload_kind == "path" else cell
    return _exact(stored, database, "payload", tables.RESULT_PAYLOAD, inexact)


def _exact(stored: StoredEntry, database: Path, name: str, column: str, inexact: Any) -> Any:
    """Return what is kept beside a cell that could not hold it exactly, unless somebody altered the cell since."""
    tree = stored.extra.get(name)
    if tree is None or as_column(to_stored(tree), tables.TRAILING_COLUMNS[column]) != stored.result[column]:
        return inexact
    return _value(tree, database)


def load(stored: StoredEntry, model: type[Model], database: Path) -> Model:
    """Return a model equal to the one whose parameters an entry holds.

    Of an entry that another program wrote only the cells are known: the model is made of these, and where it refuses
    a NULL, its own defaults stand in for all of them.

    Args:
        stored: The entry.
        model: A pydantic model of either version, a dataclass, or a plain class that takes the parameters by keyword.
        database: The file that holds it; files of results are beside it.

    Raises:
        UnreadableEntry: The entry has no parameters, as of a Task that ended before it had any; or the model does not
            take them.
    """
    if stored.exact == {} and _fields_of(model):
        # Where all its fields have defaults, these would look as if they had been recorded.
        raise UnreadableEntry(f"entry {stored.id} of Task {stored.task!r} has no parameters: no {model.__qualname__}")
    causes = []
    for parameters in _attempts(stored, database):
        try:
            return _built(model, {**parameters, HEADER: _header(stored)})
        except (TypeError, ValueError) as error:  # pydantic's errors are ValueErrors, in both versions
            causes.append(error)
    raise UnreadableEntry(
        f"entry {stored.id} of Task {stored.task!r} is no {model.__qualname__}: {causes[0]}"
    ) from causes[0]


def _fields_of(model: type) -> set[str]:
    """Return the names of the parameters that a model declares; none of a plain class."""
    if dataclasses.is_dataclass(model):
        return {field.name for field in dataclasses.fields(model)} - {HEADER}
    declared = getattr(model, "model_fields", None)
    return set(getattr(model, "__fields__", ()) if declared is None else declared) - {HEADER}


def _attempts(stored: StoredEntry, database: Path) -> Iterator[dict[str, Any]]:
    yield _parameters(stored, database)
    if stored.exact is None:
        yield unflatten((name, cell) for name, cell in stored.parameters.items() if cell is not None)


def _header(stored: StoredEntry) -> dict[str, Any]:
    exact = from_json_value(stored.extra.get("header", {}))
    cells = {name: cell for name, cell in stored.header.items() if cell is not None}
    return {**cells, **exact} if isinstance(exact, dict) else cells


def _built(model: type[Model], values: Mapping[str, Any]) -> Model:
    if isinstance(getattr(model, "model_fields", None), Mapping) or dataclasses.is_dataclass(model):
        from pydantic import TypeAdapter  # only here: a recorder that is never asked for models does without

        built: Model = TypeAdapter(model).validate_python(dict(values), by_alias=True, by_name=True)
        return built
    fields = getattr(model, "__fields__", None)
    if isinstance(fields, Mapping):  # pydantic 1
        named = {getattr(fields.get(name), "alias", name): value for name, value in values.items()}
        parsed: Model = model.parse_obj(named)  # type: ignore[attr-defined]
        return parsed
    return model(**values)
