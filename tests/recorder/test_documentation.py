"""The pages on recording and the layout say what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

from recorder import Entry
from recorder.errors import ExitCode
from recorder.layout import tables, tagged
from recorder.layout.flatten import spell, spell_table

DOCS = Path(__file__).parents[2] / "docs"


def test_every_exit_code_is_documented() -> None:
    documented = re.findall(r"^\| (\d+) \|", (DOCS / "recording.md").read_text(), re.MULTILINE)
    assert [int(code) for code in documented] == [code.value for code in ExitCode]


def test_every_tag_and_side_table_is_documented() -> None:
    page = (DOCS / "layout.md").read_text()
    assert set(re.findall(r'\{"(\$\w+)"', page)) == {*tagged._UNTAGGERS, "$list"}
    for table in tables.SIDE_TABLES:
        assert f"`{table}({', '.join(tables.side_columns(table))})`" in page


def test_the_spelling_table_is_right() -> None:
    for name in ("gen_cfg", "sqlite_x", "_rec_x"):
        assert f"`{spell_table(name)}`" in (DOCS / "layout.md").read_text()
    for name in ("x~1", "~u0041", "id"):
        assert f"`{spell(name)}`" in (DOCS / "layout.md").read_text()


def test_the_documented_entry_is_one() -> None:
    page = (DOCS / "layout.md").read_text()
    found = re.search(r'^    \{"format".*?\n\n', page, re.MULTILINE | re.DOTALL)
    assert found is not None
    text = found.group().replace("<32 hex digits, made once>", "0" * 32)
    entry = Entry.from_json(text)
    assert entry.parameter_leaves() == {"n_events": (0, "INTEGER"), "search.min_peaks": (15, "INTEGER")}
    assert json.loads(entry.to_json()) == json.loads(text)
