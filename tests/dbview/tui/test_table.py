"""The rows of a table: their order, moving over them, and their columns."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from dbview.query.view import SortKey, View
from dbview.widgets.grid import Grid
from dbview.widgets.window import BLOCK, BLOCKS_KEPT
from tests.dbview.database import Database

from .conftest import Look
from .peaks import ids, peaks


async def test_the_newest_entries_come_first_with_what_matters_first(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", "#12  FAILED · not valid · run 5 · mfx1", "hits: 11")
        assert ids(viewer) == list(range(12, 0, -1))
        assert viewer.lines[5].split()[:7] == ["ok", "id", "run", "experiment", "time", "(UTC)", "status"]
        assert viewer.cursor_line.split()[:3] == ["▌", "F", "12"]
        await viewer.until(lambda: viewer.lines[7].split()[:2] == ["✓★", "11"])


async def test_an_empty_table_says_so(database: Database, look: Look) -> None:
    database.task("Empty", {}, [])
    async with look(database.path, View("Empty")) as viewer:
        await viewer.until_shown("There are no entries here yet.", "0 entries")


async def test_sorting_goes_up_then_down_then_back(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", columns=("son_min",))) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press("s")
        await viewer.until_shown("by son_min ▴", "son_min▴")
        await viewer.until(lambda: ids(viewer)[:3] == [11, 1, 4])
        await viewer.press("s")
        await viewer.until_shown("by son_min ▾")
        await viewer.until(lambda: ids(viewer)[:2] == [8, 5])
        await viewer.press("s")
        await viewer.until(lambda: "by son_min" not in viewer.text and ids(viewer)[:2] == [12, 11])


async def test_a_parameter_named_like_a_short_name_is_sorted_by_itself(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"run": "1"})
    database.task("Task", {"run": "INTEGER"}, [{"gen_cfg_id": 1, "run": run} for run in (2, 3, 1)])
    async with look(database.path, View("Task", columns=("run",))) as viewer:
        await viewer.until_shown("3 entries", "p.run")
        await viewer.press("s")
        await viewer.until(lambda: ids(viewer) == [3, 1, 2])


async def test_a_view_with_a_sort_and_a_place_opens_there(database: Database, look: Look) -> None:
    peaks(database)
    view = View("Peaks", "run=0..4", (SortKey("son_min", descending=True),), position=5)
    async with look(database.path, view) as viewer:
        await viewer.until_shown("10 of 12 · by son_min ▾")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["5"])


async def test_moving_through_100_000_rows_holds_few_of_them(database: Database, look: Look) -> None:
    database.task("Many", {"n": "INTEGER"}, [])
    with database.connection:
        database.connection.executemany('INSERT INTO "Many"(n) VALUES (?)', [(n,) for n in range(100_000)])
    async with look(database.path, View("Many")) as viewer:
        grid = viewer.app.screen.query_one(Grid)
        await viewer.until_shown("100,000 entries")
        await viewer.press("end")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["1"])
        await viewer.press("home")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["100000"])
        for _ in range(60):
            await viewer.press("pagedown")
        await viewer.until(lambda: "·" not in "".join(viewer.lines[6:-5]))
        place = int(viewer.cursor_line.split()[2])
        assert place == 100_000 - grid.position
        assert grid.rows_kept <= BLOCK * BLOCKS_KEPT
        await viewer.press("g")
        await viewer.type("50000")
        await viewer.press("enter")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["50000"])
        await viewer.press("g")
        await viewer.type("700000")
        await viewer.press("enter")
        await viewer.until_shown("There is no id 700000 in this table.")


async def test_columns_scroll_while_status_and_id_stay(database: Database, look: Look) -> None:
    values = {f"parameter_{n}": n for n in range(60)}
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    database.task("Wide", dict.fromkeys(values, "TEXT"), [{"gen_cfg_id": 1, "exec_cfg_id": 1, **values}])
    async with look(database.path, View("Wide"), size=(80, 24)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.until(lambda: viewer.lines[5].rstrip().endswith("→"))
        await viewer.press("dollar_sign")
        await viewer.until_shown("exec_cfg_id")
        assert viewer.lines[5].split()[:3] == ["←", "ok", "id"]
        await viewer.press(*["h"] * 12)
        await viewer.until_shown("parameter_5")
        await viewer.press("0")
        await viewer.press("l", "l")
        await viewer.until_shown("experiment")


async def test_the_last_column_is_in_sight_however_wide_those_beside_it_turn_out(
    database: Database, look: Look
) -> None:
    values = {f"p{n:02}": f"{n:02}" + "-" * 38 for n in range(40)}
    database.task("Wide", dict.fromkeys(values, "TEXT"), [values])
    names = tuple(values)
    async with look(database.path, View("Wide", columns=names), size=(80, 24)) as viewer:
        await viewer.until_shown("1 entry", "00---")
        await viewer.press("dollar_sign")
        await viewer.until(lambda: f"39{'-' * 38}" in viewer.cursor_line)
        await viewer.press("0")
        await viewer.until(lambda: f"00{'-' * 38}" in viewer.cursor_line and "←" not in viewer.lines[5])
        await viewer.press("dollar_sign")
        await viewer.until(lambda: f"39{'-' * 38}" in viewer.cursor_line)


async def test_wide_characters_numbers_and_nulls_stay_in_their_columns(database: Database, look: Look) -> None:
    rows = [{"a": "日本語", "n": 7}, {"a": "e\u0301a", "n": 1.5}, {"a": None, "n": None}, {"a": "x" * 300, "n": "text"}]
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, n, last TEXT)")
    for row in rows:
        database.execute("INSERT INTO t(a, n, last) VALUES (?, ?, '|')", tuple(row.values()))
    async with look(database.path, View("t")) as viewer:
        await viewer.until_shown("4 rows", "∅")
        shown = viewer.lines[5:9]
        assert len({cell_len(line[: line.index("|")]) for line in shown}) == 1
        assert [line.split()[-2] for line in shown] == ["text", "∅", "1.5", "7"]
        assert "…" in shown[0]


async def test_a_view_without_keys_can_be_looked_at(database: Database, look: Look) -> None:
    database.execute("CREATE VIEW v AS SELECT 7 AS seven UNION ALL SELECT 8")
    async with look(database.path, View("v")) as viewer:
        await viewer.until_shown("2 rows", "seven", "row 1")
        await viewer.press("down", "enter")
        await viewer.until_shown("v › row 2", "seven  8")


def contents(directory: Path) -> list[tuple[str, bytes, int]]:
    """Return name, bytes and time of every file."""
    return [(path.name, path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(directory.iterdir())]


async def test_the_directory_is_left_as_it_was(database: Database, look: Look) -> None:
    peaks(database)
    database.connection.close()
    before = contents(database.path.parent)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.filter("note 3")
        await viewer.press("s", "enter", "escape", "escape")
    assert contents(database.path.parent) == before


async def test_one_spelling_says_how_entries_went_in_a_table_as_in_its_overview(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    ways = (("COMPLETED", 1), ("COMPLETED", 0), ("COMPLETED", None), ("FAILED", 0), ("FAILED", 1), ("TIMEDOUT", None))
    expected = ("✓★", "✓x", "✓?", "F", "Fo", "T?")
    for number, (status, valid) in enumerate(ways):
        entry = {"gen_cfg_id": 1, "result.task_status": status, "valid_flag": valid}
        database.task(f"Task{number}", {}, [entry])
    async with look(database.path) as viewer:
        await viewer.until_shown("6 entries", "valid, of those recorded")
        for number, symbol in enumerate(expected):
            line = next(line for line in viewer.lines if f"Task{number}" in line)
            in_the_overview = line.split(f"Task{number}")[1].split()[0].strip("[]").removesuffix("!")
            assert in_the_overview == symbol.replace("★", "")
    for number, symbol in enumerate(expected):
        async with look(database.path, View(f"Task{number}")) as viewer:
            # A valid one that failed is what a next Task is given, too.
            wanted = "F★" if symbol == "Fo" else symbol
            await viewer.until(lambda wanted=wanted: viewer.cursor_line.split()[1:3] == [wanted, "1"])
