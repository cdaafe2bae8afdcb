"""Make an :class:`~recorder.entry.Entry` of whatever an Executor hands over. The objects are only read.

Duck-typed: pydantic models of either version, dataclasses, mappings and plain objects give the same entry. What
cannot be read becomes text that says so (:class:`~recorder.layout.fields.Unreadable`); nothing raises.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from recorder.declared_types import column_types
from recorder.entry import END, START, UNNAMED, WHOLE, Entry
from recorder.failure import failure_cells
from recorder.layout import tables
from recorder.layout.fields import Unreadable, declared_fields, is_mapping, public_attributes, qualified_name, read
from recorder.layout.tagged import tag_of, to_json_value
from recorder.layout.texts import env_variables, list_text
from recorder.layout.values import as_column, to_stored
from recorder.moments import utc
from recorder.origin import origin
from recorder.payloads import PAYLOAD_LIMIT, PayloadFiles
from recorder.saying import say
from recorder.secrecy import concealed, secret_words, tree_without_secrets, without_secrets

PARAMETERS = "task_parameters"
"""Field that holds the parameters, and the name of the one parameter that is kept of something without names."""

ENVIRONMENT = "task_env"
"""Field that holds the Task's environment."""

HEADER = "lute_config"
"""Field of the parameters that holds the header."""

WORK_DIR = "work_dir"
"""Field of the header that names the directory of the database; ``gen_cfg`` has no column for it."""

_ENUM_MEMBER = re.compile(r"(?:\w+\.)*[A-Z]\w*\.([A-Z][A-Z0-9_]*)")


def accept(
    cfg: Any,
    timestamp: Any = None,
    *,
    stage: str = WHOLE,
    key: str | None = None,
    failure: Any = None,
    valid: Any = None,
    code_version: str | None = None,
    secrets: Iterable[str] = (),
    payload_limit: int = PAYLOAD_LIMIT,
) -> Entry:
    """Return the entry for a finished Task, or for one that only begins.

    What names no Task, even what is no description of a Task at all, is an entry of Task ``unnamed``, and a warning:
    at the end of a Task an exception costs more than an odd entry does. An ``end`` needs no name: its key has one.

    Of what has no status, a return code other than 0 or a signal makes FAILED.

    Args:
        cfg: The described analysis: ``task_result``, ``task_parameters`` (None if the Task ended before it had any),
            ``task_env``, ``poll_interval`` and ``communicator_desc``. What is missing is stored as NULL.
        timestamp: The moment of recording (see :func:`recorder.moments.utc`). Now, if not given.
        stage: ``start`` for a Task that begins: it is RUNNING and not valid, whatever ``cfg`` says.
        key: Of the start that an ``end`` completes.
        failure: What is known of a failure (see :func:`recorder.failure.failure_cells`).
        valid: Whether a next Task may use the result: a bool, 0 or 1; if it is none of these, whether it is COMPLETED.
        code_version: Version of the code that the Task ran.
        secrets: Words of a variable's name, besides the usual ones, that mark its value as secret.
        payload_limit: Bytes beyond which a result is kept as a file.
    """
    result = read(cfg, "task_result")
    parameters = read(cfg, PARAMETERS)
    variables = _environment(read(cfg, ENVIRONMENT))
    environment = variables or {}
    env, hidden = concealed(tuple(environment.items()), secret_words(secrets))
    conceal = functools.partial(without_secrets, values=hidden)
    header, header_rest = _header_trees(_header(parameters, environment))
    files = PayloadFiles(payload_limit)
    tree = _parameter_tree(parameters, files)
    failed = failure_cells(failure, conceal)
    status = tables.RUNNING if stage == START else _status(read(result, "task_status"))
    if status is None and (failed.get("signal") or failed.get("return_code")):
        status = tables.FAILED
    summary = tree_without_secrets(to_json_value(read(result, "summary")), hidden)
    payload = files.payload(read(result, "payload"))
    extra = {"executor_name": to_json_value(read(cfg, "executor_name")), "header": header_rest, "files": files.notes}
    extra = {name: kept for name, kept in extra.items() if kept}
    if _is_inexact(summary, tables.RESULT_SUMMARY):
        extra["summary"] = summary
    if _is_inexact(payload, tables.RESULT_PAYLOAD):
        extra["payload"] = payload
    return Entry(
        key=key or os.urandom(16).hex(),
        task=_task_name(cfg, read(result, "task_name"), is_needed=stage != END),
        timestamp=utc(timestamp),
        header=header,
        executor={
            "env": f"<{ENVIRONMENT}: unreadable>" if variables is None else env,
            "poll_interval": to_json_value(read(cfg, "poll_interval")),
            "communicator_desc": _joined(read(cfg, "communicator_desc")),
        },
        parameters=tree,
        types=column_types(type(parameters), tree),
        status=status,
        summary=summary,
        payload=payload,
        schemas=_joined(read(result, "impl_schemas")),
        valid=_validity(valid, status),
        extra=extra,
        stage=stage,
        origin=origin(environment, code_version),
        failure=failed,
        files=files.contents,
    )


def work_directory(cfg: Any) -> str | None:
    """Return the directory whose database an analysis belongs into, as its header names it, or None.

    Without a header (the Task ended before it had parameters) the environment's ``LUTE_WORK_DIR`` says it, that of the
    Task before our own.
    """
    environment = _environment(read(cfg, ENVIRONMENT)) or {}
    named = read(_header(read(cfg, PARAMETERS), environment), WORK_DIR)
    found = "" if type(named) is Unreadable else _text(to_json_value(named))
    return found or environment.get("LUTE_WORK_DIR") or os.environ.get("LUTE_WORK_DIR")


def _fields(source: Any, name: str) -> dict[str, Any]:
    """Return the fields of any object by name, as a new dict; what has none is itself one field of the given name."""
    try:
        if source is None:
            return {}
        if is_mapping(source):
            return {_plain_text(key): read(source, key) for key in list(source)}
        if isinstance(source, tuple) and hasattr(source, "_asdict"):
            return dict(source._asdict())
        declared = declared_fields(source)
        if declared is not None:
            return declared
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything; the entry must not be lost for it
        return public_attributes(source) or {name: Unreadable(name, error)}
    is_text = type(source) is Unreadable or issubclass(type(source), BaseException)
    is_plain_object = not is_text and tag_of(to_json_value(source)) == "$object"
    return (is_plain_object and public_attributes(source)) or {name: source}


def _plain_text(value: Any) -> str:
    if type(value) is str:  # as all of some hundred variables usually are
        return value
    tree = to_json_value(value)
    return str(tree) if tree is None or isinstance(tree, (bool, str)) else _text(tree)


def _task_name(cfg: Any, name: Any, *, is_needed: bool) -> str:
    found = "" if type(name) is Unreadable else _text(to_json_value(name))
    if not found and is_needed:
        say.warning(
            "The %s handed over names no Task: recorded as Task %r. What is recorded is an object with a `task_result` "
            "that has a `task_name`",
            qualified_name(type(cfg)),
            UNNAMED,
        )
    return found or UNNAMED


def _environment(source: Any) -> dict[str, str] | None:
    """Return the variables of a mapping, a list of ``NAME=value``, or a text of such; None if it is none of these."""
    if type(source) is dict and all(type(name) is str and type(value) is str for name, value in source.items()):
        return source  # as most are, and it is only read
    if is_mapping(source):
        fields = _fields(source, ENVIRONMENT)
        is_read = type(fields.get(ENVIRONMENT)) is not Unreadable
        return {name: _plain_text(value) for name, value in fields.items()} if is_read else None
    tree = to_json_value(source)
    if tree is None or isinstance(tree, str):
        return env_variables(tree or "")
    if isinstance(tree, list):
        return dict(_text(item).partition("=")[::2] for item in tree)
    return None


def _header(parameters: Any, environment: Mapping[str, str]) -> Any:
    header = read(parameters, HEADER)
    if header is not None:
        return header
    known = {"experiment": environment.get("EXPERIMENT"), "run": environment.get("RUN")}
    return {name: value for name, value in known.items() if value}


def _header_trees(header: Any) -> tuple[dict[str, Any], Any]:
    """Return the tagged values of ``gen_cfg`` by column, and the fields that its cells cannot give back equal."""
    fields = _fields(header, HEADER)
    for name in tables.GEN_CFG_COLUMNS:
        if name not in fields:
            return _divided({**fields, **{name: read(header, name) for name in tables.GEN_CFG_COLUMNS}}, fields)
    kinds = tuple(map(type, fields.values()))
    for kind in kinds:
        if not (kind is str or kind is int or kind is float or kind is bool):
            return _divided(fields, fields)
    return _divided_before(tuple(fields.items()), kinds)


def _divided(values: Mapping[str, Any], own: Iterable[str]) -> tuple[dict[str, Any], Any]:
    trees = {name: to_json_value(values[name]) for name in tables.GEN_CFG_COLUMNS}
    rest = {name: values[name] for name in own if name not in trees or _is_lost(name, trees[name])}
    return trees, to_json_value(rest)


@functools.lru_cache(maxsize=8)
def _divided_before(items: tuple[tuple[str, Any], ...], _kinds: tuple[type, ...]) -> tuple[dict[str, Any], Any]:
    """Divide a header of plain values. Tasks of an analysis share theirs; the kinds tell 1 and 1.0 apart."""
    values = dict(items)
    return _divided(values, values)


def _is_lost(name: str, tree: Any) -> bool:
    """Tell whether a cell would not be equal: ``run`` 12 becomes text, and a None cannot be told from no such field."""
    if tree is None or type(tree) is bool:
        return True
    return bool(as_column(to_stored(tree), tables.GEN_CFG_COLUMNS[name]) != tree)


def _parameter_tree(parameters: Any, files: PayloadFiles) -> Any:
    fields: dict[Any, Any] = _fields(parameters, PARAMETERS)
    if is_mapping(parameters) and PARAMETERS not in fields:
        try:  # with the keys themselves: 1 and "1" are two parameters
            keys = list(parameters)
            if not all(type(key) is str for key in keys):
                fields = {key: read(parameters, key) for key in keys}
        except Exception:  # noqa: BLE001 - keys that cannot be told apart; their texts are the next best
            say.debug("The keys of the %s are no good", qualified_name(type(parameters)))
    fields.pop(HEADER, None)
    return files.parameters(fields)


def _status(value: Any) -> str | None:
    name = to_json_value(read(value, "name"))
    if isinstance(name, str):
        return _text(name)
    tree = to_json_value(value)
    if type(tree) is int and 0 <= tree < len(tables.STATUSES):
        return tables.STATUSES[tree]
    member = _ENUM_MEMBER.fullmatch(_text(tree))
    return None if tree is None else member.group(1) if member else _text(tree)


def _validity(said: Any, status: str | None) -> bool:
    if said is True or said is False:
        return bool(said)
    is_completed = status == tables.COMPLETED
    if said is None:
        return is_completed
    try:
        if said == 0 or said == 1:
            return bool(said)
    except Exception:  # noqa: BLE001 - a stranger's value may raise anything; the entry must not be lost for it
        say.debug("A %s cannot be compared", qualified_name(type(said)))
    say.warning(
        "`valid` is to be True or False, not a %s: %s since the status is %s",
        *(qualified_name(type(said)), "valid" if is_completed else "not valid", status),
    )
    return is_completed


def _is_inexact(tree: Any, column: str) -> bool:
    """Tell whether a result's cell could not give back the value: NaN, a set, True, an integer of more than 64 bits."""
    if tree is None or (type(tree) is str and tree.isascii()):
        return False
    tag = tag_of(tree)
    if column == tables.RESULT_PAYLOAD and isinstance(tree, (dict, list)):
        if tag in ("", "$dict", "$items", "$bytes", "$file"):  # the payload's kind says how to read the cell
            return False
        tree = tree[tag] if isinstance(tree, dict) and tag == "$path" else tree
    cell = as_column(to_stored(tree), tables.TRAILING_COLUMNS[column])
    return type(cell) is not type(tree) or cell != tree or (cell == 0 and repr(cell) != repr(tree))


def _text(tree: Any) -> str:
    stored = to_stored(tree)
    return "" if stored is None else str(stored)


def _joined(value: Any) -> str | None:
    tree = to_json_value(value)
    items = tree["$set"] if tag_of(tree) == "$set" else tree
    if isinstance(items, list):
        return list_text(map(_text, items))
    return None if tree is None else _text(tree)
