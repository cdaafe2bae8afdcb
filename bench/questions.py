"""Measure how long the dear questions take on a large file, beside the least that SQLite could answer them with.

``python -m bench.questions`` measures this alone; its file is made once and kept among the temporary files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from time import perf_counter

from bench.measuring import Ratio, in_turn
from bench.pipeline import EXPERIMENTS, NUMBER, TASKS, database, payload_of
from dbview.query.names import find_column
from dbview.query.view import EntryPlace
from dbview.source.entries.lineage import find_lineage
from dbview.source.entries.runs import run_tasks
from dbview.source.entries.survey import survey
from dbview.source.numbers.facets import find_facets
from dbview.source.numbers.statistics import column_statistics
from dbview.source.reader import Reader
from dbview.source.source import Source, open_source

ENTRIES = 1_000_000
TASK, IN_THE_MIDDLE = TASKS[0], TASKS[2]
HITS, EXPERIMENT = f'summary."{NUMBER}"', f'experiment="{EXPERIMENTS[-1]}"'

RUNS = (
    'SELECT experiment, run, count(*), sum(valid_flag), group_concat("result.task_status") '
    "FROM {task} JOIN gen_cfg ON gen_cfg.id = gen_cfg_id GROUP BY gen_cfg_id"
)
LINKED = "SELECT id FROM {task} WHERE in_file = '{path}' OR \"result.payload\" = '{path}'"
FEW = ("son_min", "threads", "tag", '"result.task_status"', "valid_flag")
VALUES = "SELECT {value}, count(*) FROM " + TASK + " GROUP BY 1"
HITS_OF_EXPERIMENT = (
    f'SELECT CAST(substr("result.summary", {len(NUMBER) + 3}) AS REAL), count(*) FROM {TASK} '
    f"WHERE gen_cfg_id IN (SELECT id FROM gen_cfg WHERE experiment = '{EXPERIMENTS[-1]}') GROUP BY 1"
)


def against_sqlite(rounds: int, entries: int = ENTRIES) -> Iterator[Ratio]:
    """Compare runs x Tasks, lineage, facets and statistics, each until its answer is complete, with bare statements."""
    path = database(entries)
    middle = entries // len(TASKS) // 2
    with closing(open_source(path)) as source, closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as plain:
        payload = payload_of(Path("/results"), IN_THE_MIDDLE, middle)
        # One level in each direction needs each Task once, and so does the next.
        linked = [LINKED.format(task=task, path=payload) for task in TASKS] * 2
        experiment = f"SELECT experiment, count(*) FROM {TASK} JOIN gen_cfg ON gen_cfg.id = gen_cfg_id GROUP BY 1"
        asked: list[tuple[str, Callable[[Source, Reader], object], list[str]]] = [
            ("runs x Tasks", _runs, [RUNS.format(task=task) for task in TASKS]),
            ("lineage", partial(_lineage, path, middle), linked),
            ("facets", _facets, [*(VALUES.format(value=column) for column in FEW), experiment]),
            ("statistics of a number", partial(_statistics, "threads", ""), [VALUES.format(value="threads")]),
            ("statistics of a summary's number", partial(_statistics, HITS, EXPERIMENT), [HITS_OF_EXPERIMENT]),
        ]
        for what, ask, statements in asked:
            ours, least = in_turn(partial(_seconds, source, ask), partial(_seconds_of, plain, statements), rounds)
            yield Ratio(f"{what} / bare statements, {entries:,} entries", 3, ours, least, "s")


def _runs(source: Source, reader: Reader) -> object:
    return survey(reader, run_tasks(source.relations()), lambda surveyed: None, lambda: False)


def _lineage(path: Path, entry: int, source: Source, reader: Reader) -> object:
    place = EntryPlace(IN_THE_MIDDLE, entry)
    return find_lineage(reader, source.relations(), place, path, lambda found: None, lambda: False)


def _facets(source: Source, reader: Reader) -> object:
    return find_facets(reader, source.relation(TASK), "", (), lambda found: None, lambda: False)


def _statistics(name: str, filter: str, source: Source, reader: Reader) -> object:
    relation = source.relation(TASK)
    column = find_column(relation, name)
    return column_statistics(reader, relation, filter, column, lambda found: None, lambda: False)


def _seconds(source: Source, ask: Callable[[Source, Reader], object]) -> float:
    with closing(source.reader(10**9)) as reader:
        began = perf_counter()
        ask(source, reader)
        return perf_counter() - began


def _seconds_of(connection: sqlite3.Connection, statements: list[str]) -> float:
    began = perf_counter()
    for statement in statements:
        connection.execute(statement).fetchall()
    return perf_counter() - began


def main() -> None:
    """Measure and print."""
    for ratio in against_sqlite(rounds=3):
        print(ratio, flush=True)


if __name__ == "__main__":
    main()
