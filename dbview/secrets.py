"""Keep the values of secrets off the screen and out of what is written, unless the person asked for them.

What counts as a secret is told by its name alone, by the one rule that the recorder masks environments by. A program
shows all of them or none: :func:`reveal_secrets` is called once, where its command line says so.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbview.query.relation import Column, Form, Role
from dbview.summary import name_and_value
from dbview.text import decode_escaped
from dbview.values import Cell, Clipped, Row, UndecodableText, decode_json
from recorder.layout import texts
from recorder.layout.flatten import unspell
from recorder.layout.tagged import tag_of
from recorder.layout.texts import MASK, SECRET_WORDS, env_variables

LONGEST_MASKED = 32 * 1024 * 1024
"""Bytes of JSON that are looked through for secrets at once."""

_KEPT_TAGS = frozenset({"$file", "$float", "$int", "$complex", "$datetime", "$date", "$time", "$timedelta"})
"""Tags of values that stay: numbers, moments and the names of files."""
_TEXT_TAGS = frozenset({"$bytes", "$path", "$object", "$decimal", "$uuid"})
"""Tags of values that are text."""

_HINTS = (
    *(word for word in sorted(SECRET_WORDS) if not any(other in word for other in SECRET_WORDS - {word})),
    "\\u00",
    "$bytes",
)
"""Without one of these in lower case a text has no secret: words, characters that may spell one, bytes that may hold
one. A word that another one is part of need not be looked for."""

_JSON = re.compile(r"[\s\ufeff]*[\[{]")
_JSON_BYTES = re.compile(
    rb"(?:[\s\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)*[\[{]"
)
"""The same before it is known to be UTF-8."""
_TOKEN = re.compile(r'(")((?:[^"\\]|\\.)*)("|\\?\Z)(\s*:)?|[\[\]{},]', re.DOTALL)
_TOKEN_OF_PYTHON = re.compile(r"""(["'])((?:(?!\1)[^\\]|\\.)*)(\1|\\?\Z)(\s*:)?|[\[\]{},]""", re.DOTALL)
_NAME_OF_PYTHON = re.compile(r"""[{,]\s*'[^'"\\]*'\s*:""")

_KEYS = ("key", "keys")

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
    """Return names and values of environment text, the values of secrets masked, also those in JSON."""
    variables = env_variables(environment)
    return {name: MASK if is_masked(name) else masked_text(value) for name, value in variables.items()}


def masked_environment(environment: str) -> str:
    """Return environment text (``NAME=value;NAME=value``) with the values of secrets masked, else as it stands.

    What is recorded today is masked already; files of others hold secrets in clear text.
    """
    variables = masked_variables(environment)
    if variables == env_variables(environment):
        return environment
    return ";".join(f"{name}={value}" for name, value in variables.items())


def is_masked(name: str) -> bool:
    """Tell whether what has this name is a secret that is not to be shown."""
    return not _Setting.reveals and _is_secret(name)


def is_named_secret(column: Column) -> bool:
    """Tell whether a parameter, variable, named pair or column of any other table is a secret by its name.

    What is called nothing but a key, in a table that is no Task's, tells its rows apart.
    """
    if column.part is not None:
        return column.part.form in (Form.VARIABLES, Form.PAIRS) and is_masked(column.part.name)
    if column.role is Role.OTHER:
        return column.name.casefold() not in _KEYS and is_masked(column.name)
    return column.role is Role.PARAMETER and is_masked(unspell(column.name))


def masked_tree(tree: Any) -> Any:
    """Return tagged JSON in which texts below a secret's name are masked; numbers, true, false and null stay.

    Texts that are JSON themselves are masked in the same way.
    """
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
        elif isinstance(value, str):
            place[step] = masked_text(value)
        elif tag_of(value) == "$bytes":
            place[step] = _masked_bytes(value)
        elif isinstance(value, dict):
            inner = place[step] = dict(value)
            left += [(inner, name, is_secret or _is_secret(name)) for name in inner]
        elif isinstance(value, list):
            items = place[step] = list(value)
            # Of a mapping whose keys are not all text: a pair of name and value.
            is_pair = isinstance(place, list) and len(items) == 2 and isinstance(items[0], str) and _is_secret(items[0])
            left += [(items, index, is_secret or (is_pair and index == 1)) for index in range(len(items))]
    return made[0]


def _masked_bytes(tagged: dict[str, Any]) -> Any:
    """Return tagged bytes as they stand; if they are JSON with a secret, that masked, as text."""
    try:
        raw = base64.b64decode(tagged["$bytes"])
    except (ValueError, TypeError):
        return tagged
    shown = masked_value(raw)
    return tagged if shown == raw else shown


def masked_text(text: str) -> str:
    """Return text that is JSON, or its beginning, with secrets masked; any other text as it stands."""
    return masked_json(text) if _JSON.match(text) else text


def may_have_secret(text: str) -> bool:
    """Tell, fast, whether anything in a text may be a secret; mostly that is not so."""
    lowered = text.lower()  # ten times as fast as an expression in which letter case does not matter
    for hint in _HINTS:  # noqa: SIM110 - any() takes twice as long
        if hint in lowered:
            return True
    return False


def masked_json(text: str) -> str:
    """Return JSON, or what is left of it, with texts below a secret's name masked; as it stands if there are none."""
    if _Setting.reveals or not may_have_secret(text):
        return text
    tree = decode_json(text)
    if tree is None:
        return _masked_tokens(text)
    masked = masked_tree(tree)
    try:
        if masked == tree:
            return text
        return json.dumps(masked, ensure_ascii=False, indent=2 if "\n" in text.strip() else None)
    except RecursionError:
        return _masked_tokens(text)


def _masked_tokens(text: str) -> str:
    """Mask what is no whole JSON: cut off, damaged, one object a line, a name that occurs twice, Python's spelling."""
    made: list[str] = []
    below: list[bool] = []
    is_secret, end = False, 0
    tokens = _TOKEN_OF_PYTHON if _NAME_OF_PYTHON.search(text) else _TOKEN
    for found in tokens.finditer(text):
        token, (quote, content, closing, colon) = found[0], found.groups()
        if quote:
            value = _unescaped(content)
            if colon:
                is_secret = value not in _KEPT_TAGS and (_top(below) or _is_secret(value))
            elif shown := _masked_content(value, is_secret):
                made += [text[end : found.start() + 1], shown, closing]
                end = found.end()
            continue
        if token in "[{":
            below.append(is_secret)
        elif token in "]}" and below:
            below.pop()
        is_secret = _top(below)
    return "".join([*made, text[end:]])


def _top(below: Sequence[bool]) -> bool:
    return bool(below) and below[-1]


def _unescaped(content: str) -> str:
    try:
        return str(json.loads(f'"{content}"', strict=False))
    except ValueError:
        return content


def _masked_content(value: str, is_secret: bool) -> str:
    """Return what is to stand between the quotes in the place of a value; nothing if it may stay."""
    if is_secret:
        return MASK if value else ""
    shown = masked_text(value)
    return "" if shown == value else json.dumps(shown, ensure_ascii=False)[1:-1]


def masked_value(value: Any) -> Any:
    """Return a cell, or tagged JSON, of no particular column as it may be shown: secrets in JSON are masked."""
    match value:
        case dict() | list():
            return masked_tree(value)
        case str() if _JSON.match(value):
            return masked_json(value)
        case bytes() | UndecodableText() if _JSON_BYTES.match(value if isinstance(value, bytes) else value.raw):
            return _masked_cell_text(value, masked_json)
        case Clipped(start=start):
            return _masked_beginning(value, masked_value(start))
        case _:
            return value


def masked_summary(summary: str) -> str:
    """Return summary text with secrets masked, as JSON or among its named pairs; else as it stands."""
    if _Setting.reveals or not may_have_secret(summary):
        return summary
    if _JSON.match(summary):
        masked = masked_json(summary)
        if decode_json(summary) is not None:
            return masked
        summary = masked
    # By the separators it is made of: all but the values stays as it is.
    return "".join(";".join(map(_masked_part, line.split(";"))) for line in summary.splitlines(keepends=True))


def _masked_part(part: str) -> str:
    pair = name_and_value(part)
    if pair is None or not pair[1]:
        return masked_text(part)
    shown = MASK if _is_secret(pair[0]) else masked_text(pair[1])
    name, _colon, value = part.partition(":")
    before, _value, after = value.partition(pair[1])
    return f"{name}:{before}{shown}{after}"


def masked_cell(column: Column, cell: Cell) -> Cell:
    """Return a cell as it may be shown: of parameters, variables, pairs and in JSON what a name says to be secret."""
    if _Setting.reveals or not isinstance(cell, str | bytes | UndecodableText | Clipped):
        return cell
    if is_named_secret(column):
        return MASK if cell else cell
    if column.part is not None or column.role not in (Role.ENVIRONMENT, Role.SUMMARY):
        return masked_value(cell)  # type: ignore[no-any-return]  # a cell's is a cell
    if isinstance(cell, Clipped):
        return _masked_beginning(cell, masked_cell(column, cell.start))
    return _masked_cell_text(cell, masked_environment if column.role is Role.ENVIRONMENT else masked_summary)


def _masked_beginning(cell: Clipped, shown: Cell) -> Cell:
    return replace(cell, start=shown) if isinstance(shown, str | UndecodableText) else cell


def _masked_cell_text(cell: str | bytes | UndecodableText, masked: Callable[[str], str]) -> Cell:
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
