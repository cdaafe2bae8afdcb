"""Write rows as Parquet, where pyarrow is there."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO

from dbview.errors import SourceChanged, UsageError
from dbview.headless.cells import plain_value
from dbview.headless.rows import Rows
from dbview.values import Cell

INSTALL = "pip install 'recorder-dbview[parquet]'"

_ROWS_A_BATCH = 5_000
_LARGEST_EXACT = 2**53


def write_parquet(binary: BinaryIO, names: Sequence[str], rows: Rows) -> int:
    """Write rows; each column has the one type that holds all of its values.

    Integers are int64, and float64 beside reals where that keeps them exact; text is string, blobs are binary, and a
    column of several kinds is string throughout. The rows are read twice: first to learn this.

    Returns:
        The number of columns.

    Raises:
        UsageError: pyarrow is not there; the message names the command that installs it.
        SourceChanged: A column got values of another kind meanwhile.
    """
    try:
        # By name: it is there only where the extra was installed, also for the type checker.
        pyarrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError(f"Parquet needs pyarrow: {INSTALL}. CSV and JSON need nothing.") from error
    kinds: list[set[str]] = [set() for _ in names]
    for row in rows:
        for found, cell in zip(kinds, row, strict=True):
            found.add(_kind(plain_cell(cell)))
    types = [_type_of(found) for found in kinds]
    schema = pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in zip(names, types, strict=True)])
    with parquet.ParquetWriter(binary, schema) as writer:
        cells = iter(rows)
        while batch := list(islice(cells, _ROWS_A_BATCH)):
            columns = zip(*batch, strict=True)
            try:
                arrays = [
                    pyarrow.array([_as(kind, plain_cell(cell)) for cell in column], type=field.type)
                    for column, kind, field in zip(columns, types, schema, strict=True)
                ]
            except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
                raise SourceChanged(f"a column got values of another kind meanwhile: {error}. Run it again.") from error
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
    return len(names)


def plain_cell(cell: Cell) -> int | float | str | bytes | None:
    """Return a cell as Parquet can hold it: infinities and blobs stay what they are."""
    if isinstance(cell, bytes | float):
        return cell
    value: int | str | None = plain_value(cell)
    return value


def _kind(value: object) -> str:
    if isinstance(value, int) and abs(value) > _LARGEST_EXACT:
        return "large"
    return type(value).__name__


def _type_of(kinds: set[str]) -> str:
    found = kinds - {"NoneType"}
    if found <= {"int", "large"} and found:
        return "int64"
    if found and found <= {"int", "float"}:
        return "float64"
    return "binary" if found == {"bytes"} else "string"


def _as(kind: str, value: int | float | str | bytes | None) -> int | float | str | bytes | None:
    if kind != "string" or value is None or isinstance(value, str):
        return float(value) if kind == "float64" and isinstance(value, int) else value
    return str(plain_value(value))
