"""The list of all columns: find, show, hide, move and pin them; the table follows at once."""

from __future__ import annotations

from dbview.query.view import View
from dbview.screens.table.columns import ColumnList
from tests.dbview.database import Database

from .columns import head, view, view_below, wide
from .conftest import Look, Viewer


def cursor_of_list(viewer: Viewer) -> str:
    """The line of the list that the cursor is on."""
    return next((line for line in listed(viewer) if line.startswith("▌")), "")


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


async def test_the_list_leaves_the_head_as_it_is(database: Database, look: Look) -> None:
    wide(database)
    async with look(database.path, View("T")) as viewer:
        await viewer.until_shown("3 entries", "text 2", "hidden (v)")
        await viewer.press("v")
        await viewer.until_shown("Esc take back")
        await viewer.until(lambda: ["│" in line for line in viewer.lines[:3]] == [False, False, True])
        assert "written " in viewer.lines[0]
