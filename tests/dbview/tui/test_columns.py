"""The columns of a table: which are shown, in what order and how wide, and by which several the rows are sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbview.query.relation import Column, Relation
from dbview.query.view import SortKey, View
from dbview.settings import Settings
from dbview.source.reader import Reader
from dbview.values import Row
from tests.dbview.database import Database

from .columns import head, view, wide
from .conftest import Look

# Sorting


async def test_rows_are_sorted_by_several_columns(database: Database, look: Look) -> None:
    database.task("T", {"a": "INTEGER", "b": "TEXT"}, [{"a": n % 2, "b": "xyz"[n % 3]} for n in range(6)])
    asked = View("T", columns=("a", "b"))
    async with look(database.path, asked) as viewer:
        await viewer.until_shown("6 entries")
        await viewer.press("s")
        await viewer.until_shown("by a ▴", "a▴")
        await viewer.press("right", "S", "S")
        await viewer.until_shown("by a ▴ · by b ▾", "a1▴ b2▾")

        def rows() -> list[tuple[str, ...]]:
            found = [line.removeprefix("▌").split() for line in viewer.lines]
            return [tuple(words[-2:]) for words in found if len(words) == 4 and words[1].isdecimal()]

        expected = [("0", "z"), ("0", "y"), ("0", "x"), ("1", "z"), ("1", "y"), ("1", "x")]
        await viewer.until(lambda: rows() == expected)
        assert view(viewer).sort == (SortKey("a"), SortKey("b", descending=True))
        await viewer.press("S")
        await viewer.until(lambda: "a▴" in viewer.text and "by b" not in viewer.text)
        await viewer.press("s")
        await viewer.until_shown("by b ▴")
        assert view(viewer).sort == (SortKey("b"),)


# What is hidden at first


async def test_columns_that_tell_nothing_are_hidden_at_first_and_a_line_says_so(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T")) as viewer:
        await viewer.until_shown("3 entries", "text 2", "hidden (v)")
        assert head(viewer) == ["ok", "id", "run", "time", "(UTC)", "status", "a", "b"]
        (line,) = (line for line in viewer.lines if "hidden (v)" in line)
        # Besides the parameters: experiment, title, summary, payload, schemas, validity and the two keys.
        assert line.split("(")[0].strip() == "35 columns: 19 are empty and 11 constant here, hidden"
        assert view(viewer).columns == ("id", "gen_cfg.run", "timestamp", "result.task_status", "a", "b")


async def test_a_table_of_few_columns_shows_them_all(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c)")
    database.execute("INSERT INTO t(a) VALUES (1), (1)")
    async with look(database.path, View("t")) as viewer:
        await viewer.until_shown("2 rows")
        await viewer.until(lambda: any(line.split()[:4] == ["id", "a", "b", "c"] for line in viewer.lines))
        assert view(viewer).columns is None


async def test_a_hidden_column_is_not_read(database: Database, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    wide(database)
    read: set[str] = set()
    rows = Reader.rows

    def noting(reader: Reader, relation: Relation, columns: Sequence[Column], *rest: Any, **options: Any) -> list[Row]:
        read.update(column.name for column in columns)
        return rows(reader, relation, columns, *rest, **options)

    async with look(database.path, View("T"), size=(200, 30)) as viewer:
        await viewer.until_shown("text 2", "19 are empty")
        monkeypatch.setattr(Reader, "rows", noting)
        await viewer.press("dollar_sign", "s")
        await viewer.until_shown("by b ▴")
        await viewer.until(lambda: "b" in read)
        assert not [name for name in read if name.startswith(("geom.", "empty_"))]


async def test_a_column_that_varies_in_new_rows_is_named_and_nothing_moves(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T")) as viewer:
        await viewer.until_shown("text 2", "hidden (v)")
        titles = head(viewer)
        new = {f"geom.c{n}": f"value {n}" for n in range(11)}
        database.insert("T", {**new, "geom.c3": "another", "empty_2": "one"})
        database.connection.commit()
        await viewer.until_shown("hidden (v) · new in empty_2, geom.c3")
        assert head(viewer) == titles
        await viewer.press("r")
        await viewer.until_shown("4 entries", "new in empty_2, geom.c3")
        assert head(viewer) == titles


async def test_the_columns_asked_for_are_shown_though_they_are_empty(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T", columns=("empty_1", "a"))) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.until(lambda: head(viewer) == ["ok", "id", "empty_1", "a"])


async def test_what_is_always_the_same_in_the_sample_is_hidden(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View("IndexCrystFEL"), size=(160, 45)) as viewer:
        await viewer.until_shown("12 entries", "32 are empty", "in_file")
        assert "wavelength_estimate" in view(viewer).columns or ()  # 1.27 in one entry, nothing in the others
        assert len(view(viewer).columns or ()) < 20


# Keys on the grid


async def test_keys_hide_move_and_pin_the_current_column(database: Database, look: Look) -> None:
    names = dict.fromkeys(("one", "two", "three", "four"), "TEXT")
    database.task("T", names, [{name: name * 4 for name in names}])
    async with look(database.path, View("T", columns=("one", "two", "three", "four")), size=(60, 24)) as viewer:
        await viewer.until_shown("1 entry", "oneoneoneone")
        assert head(viewer)[:5] == ["ok", "id", "one", "two", "three"]
        await viewer.press("greater_than_sign")
        assert view(viewer).columns == ("id", "two", "one", "three", "four")
        await viewer.press("less_than_sign", "less_than_sign")
        assert view(viewer).columns == ("id", "one", "two", "three", "four")
        await viewer.press("H")
        await viewer.until_shown("one is hidden;")
        await viewer.until(lambda: head(viewer)[:4] == ["ok", "id", "two", "three"])
        await viewer.press("p", "dollar_sign")
        await viewer.until(lambda: head(viewer)[-1] == "four" and head(viewer)[:3] == ["ok", "id", "two"])
        await viewer.press("p")
        await viewer.until_shown("would leave no room")
        await viewer.press("0", "right", "right", "p", "dollar_sign")
        await viewer.until(lambda: "two" not in head(viewer))
        await viewer.press("0", "H")
        await viewer.until_shown("This column always stays")


async def test_the_width_of_a_column_is_set_by_hand_or_by_its_values(database: Database, look: Look) -> None:
    database.task("T", {"note": "TEXT", "end": "TEXT"}, [{"note": "x" * 100, "end": "here"}])
    async with look(database.path, View("T", columns=("note", "end")), size=(100, 24)) as viewer:
        await viewer.until_shown("1 entry", "here")

        def width() -> int:
            return next((line.split()[3].count("x") for line in viewer.lines if line.startswith("▌")), 0)

        before = width()
        await viewer.press("plus", "plus")
        await viewer.until(lambda: width() == before + 8)
        await viewer.press(*["underscore"] * 30)
        await viewer.until(lambda: width() == 2)
        await viewer.press("W")
        await viewer.until(lambda: width() == before)


# Remembering


async def test_a_layout_is_remembered_for_its_table_and_forgotten_by_a_key(
    database: Database, look: Look, tmp_path: Path
) -> None:
    wide(database)
    config = tmp_path / "config"
    async with look(database.path, View("T"), settings=Settings(config)) as viewer:
        await viewer.until_shown("text 2")
        await viewer.press("dollar_sign", "less_than_sign", "plus")
        await viewer.until(lambda: head(viewer)[-2:] == ["b", "a"])
    async with look(database.path, View("T"), settings=Settings(config)) as viewer:
        await viewer.until_shown("text 2", "of them hidden (v)")
        assert head(viewer)[-2:] == ["b", "a"]
        await viewer.press("v", "r", "enter")
        await viewer.until(lambda: head(viewer)[-2:] == ["a", "b"])
        await viewer.until_shown("11 constant here")
    async with look(database.path, View("T"), settings=Settings(config)) as viewer:
        await viewer.until_shown("text 2", "11 constant here")
        assert head(viewer)[-2:] == ["a", "b"]


@pytest.mark.parametrize("remembered", [7, ["a"], {"order": [1]}, {"order": [], "hidden": [], "pinned": "x"}])
async def test_what_is_remembered_in_another_form_is_not_used(database: Database, look: Look, remembered: Any) -> None:
    wide(database)
    settings = Settings(None)
    settings.remember("columns", "T", remembered)
    async with look(database.path, View("T"), settings=settings) as viewer:
        await viewer.until_shown("text 2", "11 constant here")
