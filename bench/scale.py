"""Measure what the viewer does with a large table beside SQLite doing the same in one query.

``python -m bench.scale --rows N`` measures this alone; its file is made once and kept among the temporary files.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.entries import TASK, database
from bench.measuring import Ratio, in_turn
from dbview.query.view import SortKey, View
from dbview.source.source import Source, open_source
from dbview.source.view.arrange import arrange
from dbview.source.view.order import Order
from dbview.source.view.snapshot import Snapshot

ROWS = 10_000_000
FILTER = "tag=sample_3"
SAME_FILTER = "tag = 'sample_3' COLLATE NOCASE"
FEW, SAME_FEW = "regions[3]<17", '"regions[3]" < 17'
"""Finds about one row in twenty."""
NUMBER, TEXT, TIME = "search.threshold_3", "result.payload", "timestamp"
TOP = 500


def against_sqlite(rounds: int, rows: int = ROWS) -> Iterator[Ratio]:
    """Compare filters and sorts of a large table with the same in SQLite, and far places with near ones."""
    path = database(rows)
    with closing(open_source(path)) as source, closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as plain:
        # As a table on the screen has been, by the time that somebody filters or sorts it.
        counted(source)

        def compared(what: str, at_most: float, ours: Callable[[], float], sql: str) -> Ratio:
            return Ratio(f"{what}, {rows:,} rows", at_most, *in_turn(ours, lambda: seconds_of(plain, sql), rounds), "s")

        for filter, same, kind in ((FILTER, SAME_FILTER, "texts"), (FEW, SAME_FEW, "numbers")):
            whole = partial(seconds_to_arrange, source, View(TASK, filter))
            yield compared(f"a whole filter of {kind} / SQLite's scan", 2, whole, f"SELECT id FROM {TASK} WHERE {same}")
        for column, kind in ((NUMBER, "numbers"), (TEXT, "texts"), (TIME, "times")):
            view, by = View(TASK, "", (SortKey(column),)), f'SELECT id FROM {TASK} ORDER BY "{column}"'
            top = partial(seconds_to_arrange, source, view, is_enough=lambda found: found.scanned >= 0.2)
            yield compared(f"the top by {kind} / SQLite's top", 2, top, f"{by} LIMIT {TOP}")
            whole = partial(seconds_to_arrange, source, view)
            yield compared(f"all sorted by {kind} / SQLite's sort", 3, whole, by)
        first, allowed = in_turn(lambda: milliseconds_to_first(source, View(TASK, FEW)), lambda: 150.0, rounds)
        yield Ratio(f"first matches of a 5 % filter / allowed, {rows:,} rows", 1, first, allowed, "ms")
        far, allowed = in_turn(lambda: milliseconds_to_jump(path), lambda: 100.0, rounds)
        yield Ratio(f"the longest jump before rows are counted / allowed, {rows:,} rows", 1, far, allowed, "ms")
        order = counted(source)
        far, near = in_turn(
            lambda: milliseconds_to_show(source, order, order.length - 1_000),
            lambda: milliseconds_to_show(source, order, 0),
            rounds,
        )
        yield Ratio(f"rows at the end / at the beginning, {rows:,} rows", 20, far, near, "ms")


def seconds_of(connection: sqlite3.Connection, sql: str) -> float:
    """Return how long SQLite takes for a query with all its rows."""
    began = time.perf_counter()
    for _ in connection.execute(sql):
        pass
    return time.perf_counter() - began


def seconds_to_arrange(source: Source, view: View, is_enough: Callable[[Snapshot], bool] | None = None) -> float:
    """Return how long it takes until the rows of a View are in order, or until a snapshot is enough."""
    ended: list[float] = []
    began = time.perf_counter()

    def publish(snapshot: Snapshot) -> None:
        if not ended and is_enough is not None and is_enough(snapshot):
            ended.append(time.perf_counter() - began)

    with closing(source.reader(10**9)) as reader:
        arrange(reader, source.relation(TASK), view, publish, lambda: bool(ended))
    return ended[0] if ended else time.perf_counter() - began


def milliseconds_to_first(source: Source, view: View) -> float:
    """Return how long it takes until the first rows of a View are known."""
    return 1000 * seconds_to_arrange(source, view, is_enough=lambda found: found.order.length > 0)


def milliseconds_to_jump(path: Path) -> float:
    """Return the longest time to rows at the end, in the middle or of an id, before anything is counted."""
    snapshots: list[Snapshot] = []
    with closing(open_source(path)) as source, closing(source.reader()) as reader:
        relation = source.relation(TASK)
        arrange(reader, relation, View(TASK), snapshots.append, lambda: bool(snapshots))
        order, took = snapshots[0].order, []
        for place in (order.length - 64, order.length // 2, order.position_of(reader, order.length // 3) or 0):
            began = time.perf_counter()
            order.rows(reader, relation.stored, place, place + 64)
            took.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        order.position_of(reader, order.length // 4)
        return max(*took, (time.perf_counter() - began) * 1000)


def counted(source: Source) -> Order:
    """Return the natural order of all rows."""
    with closing(source.reader()) as reader:
        return arrange(reader, source.relation(TASK), View(TASK), lambda snapshot: None, lambda: False).order


def milliseconds_to_show(source: Source, order: Order, place: int) -> float:
    """Return how long it takes to read a screenful of rows at a place."""
    with closing(source.reader()) as reader:
        columns = source.relation(TASK).stored
        order.rows(reader, columns, 0, 1)
        began = time.perf_counter()
        order.rows(reader, columns, max(0, place), max(0, place) + 64)
        return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the table ({ROWS:,})")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (3)")
    arguments = parser.parse_args()
    for ratio in against_sqlite(arguments.rounds, arguments.rows):
        print(ratio, flush=True)


if __name__ == "__main__":
    main()
