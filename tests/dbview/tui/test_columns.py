"""The columns of a table: which are shown, in what order and how wide, and by which several the rows are sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbview.query.relation import Column, Relation
from dbview.query.view import SortKey, View
from dbview.screens.table.columns import ColumnList
from dbview.settings import Settings
from dbview.source.reader import Reader
from dbview.values import Row
from tests.dbview.database import Database

from .conftest import Look, Viewer


def head(viewer: Viewer) -> list[str]:
    """The titles over the grid."""
    lines = (line.removeprefix("←").split() for line in viewer.lines)
    return next((words for words in lines if words[:2] == ["ok", "id"]), ["", ""])


def view(viewer: Viewer) -> View:
    """What the table's screen shows, as a link or an export would have it."""
    shown: View = viewer.app.screen_stack[-1].view  # type: ignore[attr-defined]
    return shown


def view_below(viewer: Viewer) -> View:
    """What the table's screen below the list shows."""
    shown: View = viewer.app.screen_stack[-2].view  # type: ignore[attr-defined]
    return shown


def cursor_of_list(viewer: Viewer) -> str:
    """The line of the list that the cursor is on."""
    return next((line for line in listed(viewer) if line.startswith("▌")), "")


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
        found = [line.removeprefix("▌").split() for line in viewer.lines]
        rows = [tuple(words[-2:]) for words in found if len(words) == 4 and words[1].isdecimal()]
        assert rows == [("0", "z"), ("0", "y"), ("0", "x"), ("1", "z"), ("1", "y"), ("1", "x")]
        assert view(viewer).sort == (SortKey("a"), SortKey("b", descending=True))
        await viewer.press("S")
        await viewer.until(lambda: "a▴" in viewer.text and "by b" not in viewer.text)
        await viewer.press("s")
        await viewer.until_shown("by b ▴")
        assert view(viewer).sort == (SortKey("b"),)


# What is hidden at first


def wide(database: Database, rows: int = 3) -> None:
    """A Task with 24 parameters, two of which vary; eleven are empty and eleven are constant."""
    parameters = {"a": "INTEGER", "b": "TEXT"}
    parameters |= {f"empty_{n}": "TEXT" for n in range(11)} | {f"geom.c{n}": "TEXT" for n in range(11)}
    entry = {f"geom.c{n}": f"value {n}" for n in range(11)}
    database.task("T", parameters, [{**entry, "a": n, "b": f"text {n}"} for n in range(rows)])


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


# The list of columns


def listed(viewer: Viewer) -> list[str]:
    """The lines of the list, without what is beside it."""
    return [line.partition("│")[2].strip() for line in viewer.lines if "│" in line]


async def test_the_list_shows_and_hides_at_once_and_escape_takes_it_back(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T")) as viewer:
        await viewer.until_shown("text 2")
        await viewer.press("v")
        await viewer.until_shown("5 of 35 shown", "✓ time (UTC)", "empty", "geom.* ▸ 0 of 11 shown", "schemas")
        await viewer.press("slash")
        await viewer.type("empty_3")
        await viewer.until(lambda: len([line for line in listed(viewer) if "empty_" in line]) == 2)
        await viewer.press("enter", "space")
        await viewer.until_shown("✓ empty_3", "6 of 35 shown")
        assert "empty_3" in (view_below(viewer).columns or ())
        await viewer.press("escape")
        await viewer.until(lambda: "of 35 shown" not in viewer.text)
        assert "empty_3" not in (view(viewer).columns or ())
        await viewer.press("v", "e", "enter")
        await viewer.until(lambda: "of 35 shown" not in viewer.text)
        assert {"empty_3", "empty_4"} < set(view(viewer).columns or ())
        assert "geom.c1" not in (view(viewer).columns or ())


async def test_a_group_is_one_line_until_it_is_opened(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T"), size=(120, 60)) as viewer:
        await viewer.until_shown("text 2")
        await viewer.press("v")
        await viewer.until_shown("geom.* ▸ 0 of 11 shown")
        await viewer.press("end")
        while "geom.*" not in cursor_of_list(viewer):
            await viewer.press("up")
        await viewer.press("space")
        await viewer.until_shown("geom.* ▸ 11 of 11 shown")
        await viewer.press("right", "down", "space")
        await viewer.until_shown("geom.* ▾ 10 of 11 shown", "= value 7")
        await viewer.press("left", "enter")
        await viewer.until(lambda: "of 35 shown" not in viewer.text)
        assert view(viewer).columns == (
            "id", "gen_cfg.run", "timestamp", "result.task_status", "a", "b", *(f"geom.c{n}" for n in range(1, 11))
        )  # fmt: skip


async def test_a_column_is_moved_and_pinned_in_the_list(database: Database, look: Look) -> None:
    database.task("T", {"a": "TEXT", "b": "TEXT", "c": "TEXT"}, [{"a": "x"}])
    async with look(database.path, View("T", columns=("a", "b", "c"))) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("v")
        await viewer.until_shown("3 of 14 shown")
        await viewer.press("greater_than_sign", "greater_than_sign", "p")
        await viewer.until_shown("✓ a  pinned", "✓ c  pinned")
        await viewer.press("less_than_sign", "enter")
        await viewer.until(lambda: "shown" not in viewer.text)
        assert view(viewer).columns == ("id", "b", "a", "c")


async def test_the_list_begins_at_the_current_column_and_the_grid_goes_to_what_is_shown(
    database: Database, look: Look
) -> None:
    names = [f"long_name_{n}" for n in range(12)]
    database.task("T", dict.fromkeys(names, "TEXT"), [dict.fromkeys(names, "value")])
    async with look(database.path, View("T", columns=tuple(names[:11])), size=(100, 40)) as viewer:
        await viewer.until_shown("1 entry", "long_name_0")
        await viewer.press("right", "v")
        await viewer.until(lambda: "long_name_1" in cursor_of_list(viewer))
        await viewer.press("slash")
        await viewer.type("name_11")
        await viewer.press("enter", "space", "enter")
        await viewer.until(lambda: head(viewer)[-1] == "long_name_11")
        await viewer.until_shown("long_name_11  value")


async def test_the_grid_goes_to_the_column_found_and_with_escape_stays(database: Database, look: Look) -> None:
    names = [f"name_{n}" for n in range(30)]
    database.task("T", dict.fromkeys(names, "TEXT"), [{name: f"value of {name}" for name in names}])
    async with look(database.path, View("T", columns=tuple(names))) as viewer:
        await viewer.until_shown("1 entry", "value of name_0")
        for leave, column in (("escape", "name_0"), ("enter", "name_25")):
            await viewer.press("v", "slash")
            await viewer.type("name_25")
            await viewer.until(lambda: sum("name_" in line for line in listed(viewer)) == 2)
            await viewer.press("enter", leave)
            await viewer.until_shown("q quit", column, f"value of {column}")
        assert view(viewer).columns == ("id", *names)
        # Who went nowhere in the list stays.
        await viewer.press("v", "enter")
        await viewer.until_shown("q quit", "value of name_25")


async def test_a_click_on_the_current_line_shows_or_hides(database: Database, look: Look) -> None:
    database.task("T", {"a": "TEXT", "b": "TEXT"}, [{"a": "x"}])
    async with look(database.path, View("T", columns=("a", "b"))) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("v")
        await viewer.until_shown("2 of 13 shown", "empty")
        await viewer.pilot.click(ColumnList, offset=(4, 1))
        await viewer.until(lambda: "b" in cursor_of_list(viewer))
        await viewer.pilot.click(ColumnList, offset=(4, 1))
        await viewer.until_shown("1 of 13 shown")


async def test_named_values_of_summaries_are_offered(database: Database, look: Look) -> None:
    database.task("T", {"a": "TEXT"}, [{"result.summary": f"Hits: {n};Rate: 0.{n}"} for n in (12, 34)])
    async with look(database.path, View("T", columns=("a",))) as viewer:
        await viewer.until_shown("2 entries")
        await viewer.press("v")
        await viewer.until_shown("summary.* ▸ 0 of 2 shown")
        await viewer.press("slash")
        await viewer.type("hits")
        await viewer.press("enter", "space")
        await viewer.until_shown("1 of 12 shown, 1 of the summary")
        await viewer.press("enter")
        await viewer.until_shown("Hits", "34")
        assert view(viewer).columns == ("id", "a", "summary.Hits")
        await viewer.until_shown("34")


async def test_secrets_and_control_characters_are_not_shown_in_the_list(database: Database, look: Look) -> None:
    names = {"password": "TEXT", "\x1b]2;evil\x07": "TEXT"}
    database.task("T", names, [dict.fromkeys(names, "swordfish\x1b[31m")] * 3)
    async with look(database.path, View("T"), size=(120, 40)) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.press("v")
        await viewer.until_shown("␛]2;evil␇", "= swordfish␛[31m")
        (line,) = (line for line in listed(viewer) if "password" in line)
        assert "swordfish" not in line


async def test_the_list_of_two_thousand_columns_answers_at_once(database: Database, look: Look) -> None:
    names = [f"column_{number}" for number in range(1_990)]
    database.execute(f"CREATE TABLE wide({', '.join(names)})")
    for number in range(2):
        database.execute("INSERT INTO wide(column_5, column_1989) VALUES (?, 'last')", [number])
    async with look(database.path, View("wide")) as viewer:
        await viewer.until_shown("2 rows", "1,988 are empty and 1 constant here")
        await viewer.press("v")
        await viewer.until_shown("1 of 1,990 shown")
        await viewer.press("end", "space", "enter")
        await viewer.until_shown("column_1989", "last")
        assert view(viewer).columns == ("column_5", "column_1989")
