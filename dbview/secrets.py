"""Keep the values of secrets off the screen and out of what is written, unless the person asked for them.

What counts as a secret is told by its name alone, by the one rule that the recorder masks environments by. A program
shows all of them or none: :func:`reveal_secrets` is called once, where its command line says so.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbview.query.relation import Column, Role
from dbview.summary import name_and_value
from dbview.text import decode_escaped
from dbview.values import Cell, Clipped, Row, UndecodableText
from recorder.layout import texts
from recorder.layout.flatten import unspell
from recorder.layout.tagged import tag_of
from recorder.layout.texts import MASK, SECRET_WORDS, env_variables

_KEPT_TAGS = frozenset({"$file", "$float", "$int", "$complex", "$datetime", "$date", "$time", "$timedelta"})
"""Tags of values that stay: numbers, moments and the names of files."""
_TEXT_TAGS = frozenset({"$bytes", "$path", "$object", "$decimal", "$uuid"})
"""Tags of values that are text."""

_HINT = re.compile("|".join(SECRET_WORDS), re.IGNORECASE)
_NAMED_TEXT = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:\s*)"(?:[^"\\]|\\.)*("|\Z)')

_is_secret = functools.lru_cache(maxsize=10_000)(texts.is_secret)


class _Setting:
    reveals = False


def reveal_secrets(reveals: bool = True) -> None:
    """Show the values of secrets from now on, everywhere in this program; or mask them again."""
    _Setting.reveals = reveals


def secrets_are_shown() -> bool:
    """Tell whether the values of secrets are shown."""
    return _Setting.reveals


def masked_variables(environment: str) -> dict[str, str]:
    """Return names and values of environment text, the values of secrets masked."""
    variables = env_variables(environment)
    return {name: MASK if is_masked(name) else value for name, value in variables.items()}


def masked_environment(environment: str) -> str:
    """Return environment text (``NAME=value;NAME=value``) with the values of secrets masked, else as it stands.

    What is recorded today is masked already; files of others hold secrets in clear text.
    """
    if not any(map(is_masked, env_variables(environment))):
        return environment
    return ";".join(f"{name}={value}" for name, value in masked_variables(environment).items())


def is_masked(name: str) -> bool:
    """Tell whether what has this name is a secret that is not to be shown."""
    return not _Setting.reveals and _is_secret(name)


def masked_tree(tree: Any) -> Any:
    """Return tagged JSON in which texts below a secret's name are masked; numbers, true, false and null stay."""
    if _Setting.reveals:
        return tree
    made: list[Any] = [tree]
    # A stack of our own: data may nest deeper than Python's calls.
    left: list[tuple[Any, str | int, bool]] = [(made, 0, False)]
    while left:
        place, step, is_secret = left.pop()
        value = place[step]
        if tag_of(value) in _KEPT_TAGS:
            continue
        if is_secret and ((isinstance(value, str) and value) or tag_of(value) in _TEXT_TAGS):
            place[step] = MASK
        elif isinstance(value, dict):
            inner = place[step] = dict(value)
            left += [(inner, name, is_secret or _is_secret(name)) for name in inner]
        elif isinstance(value, list):
            items = place[step] = list(value)
            # Of a mapping whose keys are not all text: a pair of name and value.
            is_pair = isinstance(place, list) and len(items) == 2 and isinstance(items[0], str) and _is_secret(items[0])
            left += [(items, index, is_secret or (is_pair and index == 1)) for index in range(len(items))]
    return made[0]


def masked_json(text: str) -> str:
    """Return JSON, or its beginning, with texts below a secret's name masked; as it stands if there are none."""
    if _Setting.reveals or not _HINT.search(text):
        return text
    try:
        tree = json.loads(text)
        masked = masked_tree(tree)
    except (ValueError, RecursionError):
        return _NAMED_TEXT.sub(_masked_pair, text)
    if masked == tree:
        return text
    return json.dumps(masked, ensure_ascii=False, indent=2 if "\n" in text.strip() else None)


def _masked_pair(found: re.Match[str]) -> str:
    name, between, end = found.groups()
    return f'{name}{between}"{MASK}{end}' if _is_secret(name) else found[0]


def masked_summary(summary: str) -> str:
    """Return summary text with the values of secrets among its named pairs masked, else as it stands."""
    if _Setting.reveals or not _HINT.search(summary):
        return summary
    # By the separators it is made of: all but the values stays as it is.
    return "".join(";".join(map(_masked_part, line.split(";"))) for line in summary.splitlines(keepends=True))


def _masked_part(part: str) -> str:
    pair = name_and_value(part)
    if pair is None or not pair[1] or not _is_secret(pair[0]):
        return part
    name, _colon, value = part.partition(":")
    before, _value, after = value.partition(pair[1])
    return f"{name}:{before}{MASK}{after}"


def masked_cell(column: Column, cell: Cell) -> Cell:
    """Return a cell as it may be shown: of environment text, summaries, JSON and parameters the secrets are masked."""
    if _Setting.reveals:
        return cell
    match column.role, cell:
        case Role.ENVIRONMENT | Role.SUMMARY | Role.PAYLOAD, Clipped(start=start):
            shown = masked_cell(column, start)
            return replace(cell, start=shown) if isinstance(shown, str | UndecodableText) else cell
        case Role.ENVIRONMENT | Role.SUMMARY, str() | bytes() | UndecodableText():
            return _masked_text(cell, masked_environment if column.role is Role.ENVIRONMENT else masked_summary)
        case Role.PAYLOAD, str() if cell.lstrip()[:1] in ("{", "["):
            return masked_json(cell)
        case Role.PARAMETER, str() | UndecodableText() | Clipped() | bytes() if _is_secret(unspell(column.name)):
            return MASK if cell else cell
        case _:
            return cell


def _masked_text(cell: str | bytes | UndecodableText, masked: Callable[[str], str]) -> Cell:
    """Return a text masked; a blob that holds a secret becomes text."""
    match cell:
        case str():
            return masked(cell)
        case bytes():
            text = decode_escaped(cell)
            shown = masked(text)
            return cell if shown == text else shown
        case UndecodableText(raw=raw):
            return UndecodableText(masked(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))


def hides_secret(column: Column, cell: object) -> bool:
    """Tell whether a cell, as it was read or as it is shown, has a secret that is not shown: no filter may name it."""
    if not isinstance(cell, str | bytes | UndecodableText):
        return False
    # What is masked already is told by what would be masked if something else stood there.
    other = cell.replace(MASK, "?") if isinstance(cell, str) else cell
    return masked_cell(column, other) != other


def without_secrets(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """Return rows as they may be shown.

    Args:
        columns: What the rows' cells are of.
        rows: The rows as they were read.
    """
    if _Setting.reveals:
        return list(rows)
    return [
        replace(row, cells=tuple(masked_cell(column, cell) for column, cell in zip(columns, row.cells, strict=True)))
        for row in rows
    ]


def masked_cells(columns: Sequence[Column], cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Return the cells of one row, by the name of their column, as they may be shown."""
    return {column.name: masked_cell(column, cells[column.name]) for column in columns}
