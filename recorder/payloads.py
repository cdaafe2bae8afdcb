"""Keep as a file what a database should not hold: large texts, arrays, tables, figures.

A file is named for its content, ``sha256-<hex>`` and a suffix, and the value in the entry is ``{"$file": name}``. The
libraries that such values come from are recognised only where the program has loaded them; nothing is ever pickled.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from typing import Any, Callable

from recorder.layout.fields import qualified_name
from recorder.layout.tagged import compact_json, from_json_value, is_plain, tag_of, to_json_value

FILE_TAG = "$file"
"""Tag of a value that is kept as a file of this name."""

PAYLOAD_LIMIT = 1024 * 1024
"""Bytes up to which text, bytes and structures are kept in the database, if nobody says otherwise."""

SMALL_ARRAY = 1000
"""Items up to which an array among the parameters is a list, with a column for each."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpeg"),
    (b"GIF8", ".gif"),
    (b"\x89HDF\r\n\x1a\n", ".h5"),
    (b"%PDF-", ".pdf"),
    (b"\x93NUMPY", ".npy"),
    (b"PK\x03\x04", ".zip"),
    (b"\x1f\x8b", ".gz"),
    (b"II*\x00", ".tiff"),
    (b"MM\x00*", ".tiff"),
)
"""How the content of well-known files begins."""


class PayloadFiles:
    """Collect the files of one entry while its values are converted.

    Args:
        limit: Bytes beyond which text, bytes and structures become files.

    Attributes:
        contents: Content by file name.
        notes: What a file does not say of itself, by its name: the types of a table's columns and index.
    """

    def __init__(self, limit: int = PAYLOAD_LIMIT) -> None:
        self.limit = limit
        self.contents: dict[str, bytes] = {}
        self.notes: dict[str, Any] = {}

    def payload(self, value: Any) -> Any:
        """Return the tagged tree of a result, in which whatever is large, an array, a table or a figure is a file."""
        tree = to_json_value(value, self._aside)
        if isinstance(tree, (dict, list)) and tag_of(tree) != FILE_TAG:
            text = compact_json(tree)
            if len(text) > self.limit:
                return self._keep(text.encode("ascii"), ".json")
        return tree

    def parameters(self, value: dict[Any, Any]) -> Any:
        """Return the tagged tree of parameters by name, in which only tables and larger arrays are files."""
        if is_plain(value):
            return value
        return to_json_value(value, self._table_or_array if _loaded_libraries() else None)

    def _aside(self, value: Any) -> dict[str, str] | None:
        if isinstance(value, str):
            return self._text(value) if len(value) * 4 > self.limit else None  # at most 4 bytes a character
        if isinstance(value, (bytes, bytearray, memoryview)):
            size = value.nbytes if isinstance(value, memoryview) else len(value)
            return self._bytes(bytes(value)) if size > self.limit else None
        try:
            return self._array(value) or self._table(value) or self._figure(value)
        except Exception:  # noqa: BLE001 - what its library cannot write is walked, or kept as text, like anything else
            return None

    def _table_or_array(self, value: Any) -> dict[str, str] | None:
        is_series = _is_instance(value, sys.modules.get("pandas"), "Series")
        if (is_series or _is_instance(value, sys.modules.get("numpy"), "ndarray")) and value.size <= SMALL_ARRAY:
            return None
        try:
            return self._array(value) or self._table(value)
        except Exception:  # noqa: BLE001 - see _aside
            return None

    def _text(self, text: str) -> dict[str, str] | None:
        try:
            content = str.__str__(text).encode("utf-8")
        except UnicodeEncodeError:  # a lone surrogate: JSON can hold it, a text file cannot
            content = compact_json(str.__str__(text)).encode("ascii")
            return self._keep(content, ".json") if len(content) > self.limit else None
        return self._keep(content, ".txt") if len(content) > self.limit else None

    def _bytes(self, content: bytes) -> dict[str, str]:
        return self._keep(content, next((suffix for magic, suffix in _MAGIC if content.startswith(magic)), ".bin"))

    def _array(self, value: Any) -> dict[str, str] | None:
        numpy: Any = sys.modules.get("numpy")
        # What has a mask would lose it, and arrays of objects could only be pickled: both are lists.
        if not _is_instance(value, numpy, "ndarray") or value.dtype.hasobject or hasattr(value, "mask"):
            return None
        buffer = io.BytesIO()
        numpy.save(buffer, value, allow_pickle=False)
        return self._keep(buffer.getvalue(), ".npy")

    def _table(self, value: Any) -> dict[str, str] | None:
        pandas = sys.modules.get("pandas")
        is_series = _is_instance(value, pandas, "Series")
        if not is_series and not _is_instance(value, pandas, "DataFrame"):
            return None
        text = value.to_csv(na_rep="NaN")  # so that what is missing and an empty text stay apart
        pointer = self._keep(text.encode("utf-8", "surrogatepass"), ".csv")
        columns = [(value.name, value.dtype)] if is_series else zip(value.columns, value.dtypes)
        self.notes[pointer[FILE_TAG]] = {
            "type": qualified_name(type(value)),
            "columns": [[to_json_value(name), str(dtype)] for name, dtype in columns],
            "index": str(value.index.dtype),
        }
        return pointer

    def _figure(self, value: Any) -> dict[str, str] | None:
        if "matplotlib" not in sys.modules or not callable(getattr(type(value), "savefig", None)):
            return None
        buffer = io.BytesIO()
        value.savefig(buffer, format="png")
        return self._keep(buffer.getvalue(), ".png")

    def _keep(self, content: bytes, suffix: str) -> dict[str, str]:
        name = file_name(content, suffix)
        self.contents[name] = content
        return {FILE_TAG: name}


def file_name(content: bytes, suffix: str) -> str:
    """Return the name of the file that holds a content."""
    return f"sha256-{hashlib.sha256(content).hexdigest()}{suffix}"


def is_named_for(name: str, content: bytes) -> bool:
    """Tell whether a file's name is that of its content."""
    return name.partition(".")[0] == file_name(content, "")


def read_payload(name: str, content: bytes) -> Any:
    """Return what a payload file holds: text, or the value of a structure; the bytes themselves of any other kind.

    Raises:
        ValueError: The content is not what its name says.
    """
    if name.endswith(".txt"):
        return content.decode("utf-8")
    return from_json_value(json.loads(content)) if name.endswith(".json") else content


def with_files(tree: Any, stand_in: Callable[[str], Any]) -> Any:
    """Return a tagged tree in which the place of each file is taken by what ``stand_in`` makes of its name."""
    if isinstance(tree, list):
        return [with_files(item, stand_in) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag = tag_of(tree)
    if tag == FILE_TAG:
        return stand_in(str(tree[FILE_TAG]))
    if tag == "$dict":  # its content is a mapping whatever its keys look like
        return {"$dict": {key: with_files(item, stand_in) for key, item in tree["$dict"].items()}}
    return {key: with_files(item, stand_in) for key, item in tree.items()}


def file_names(tree: Any) -> list[str]:
    """Return the names of all files that a tagged tree points to."""
    names: list[str] = []
    with_files(tree, names.append)
    return names


def _loaded_libraries() -> bool:
    return "numpy" in sys.modules or "pandas" in sys.modules


def _is_instance(value: Any, module: Any, name: str) -> bool:
    kind = getattr(module, name, None)  # missing where another thread is just importing it
    return isinstance(kind, type) and isinstance(value, kind)
