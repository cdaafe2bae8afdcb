"""Columns of few values, against the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dbview.query.names import find_column
from dbview.source.numbers.facets import MOST_VALUES, Facets, find_facets
from dbview.source.source import Source
from dbview.values import Cell
from tests.dbview.database import Database, keys_of


def faceted(source: Source, table: str, filter: str = "", *kept: str) -> tuple[Facets, dict[str, dict[Cell, int]]]:
    """Return what was found, and the counts by the names of columns."""
    relation = source.relation(table)
    reader = source.reader(10**9)
    try:
        columns = [find_column(relation, name) for name in kept]
        found = find_facets(reader, relation, filter, columns, lambda _found: None, lambda: False)
    finally:
        reader.close()
    return found, {facet.column.name: dict(facet.counts) for facet in found.facets}


def test_columns_of_any_kind_are_facets(sample: Callable[[str], Path], opened: Callable[[Path], Source]) -> None:
    source = opened(sample("lute-v01.db"))
    found, counts = faceted(source, "FindPeaksPyAlgos")
    assert found.complete
    assert found.rows == 13
    assert counts["result.task_status"] == {"COMPLETED": 10, "FAILED": 1, "TIMEDOUT": 1, "CANCELLED": 1}
    assert counts["gen_cfg.run"]["17"] == 2
    assert counts["summary.Fractional hit rate"]["0.05"] > 1
    assert all(2 <= len(values) <= MOST_VALUES for values in counts.values())
    assert all(sum(values.values()) == 13 for values in counts.values())
    assert "id" not in counts


def test_what_a_facet_counts_is_what_its_filter_finds(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    _found, counts = faceted(source, "FindPeaksPyAlgos", "run=14..16", "run")
    assert counts["gen_cfg.run"] == {"14": 2, "15": 1, "16": 2}
    for run, count in counts["gen_cfg.run"].items():
        assert len(keys_of(source, "FindPeaksPyAlgos", f"run=14..16 run={run}")) == count
    _found, counts = faceted(source, "FindPeaksPyAlgos", "run=15", "run")
    assert counts["gen_cfg.run"] == {"15": 1}


def test_variables_that_differ_are_facets_and_too_many_values_are_none(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    for host in ("a", "b"):
        database.insert("exec_cfg", {"env": f"HOST={host};SAME=1"})
    entries = [{"exec_cfg_id": 1 + number % 2, "n": number, "m": number % 3} for number in range(600)]
    database.task("Find", {"n": "INTEGER", "m": "INTEGER"}, entries)
    _found, counts = faceted(opened(database.path), "Find")
    assert counts["env.HOST"] == {"a": 300, "b": 300}
    assert counts["m"] == {0: 200, 1: 200, 2: 200}
    assert "n" not in counts
    assert "env.SAME" not in counts


def test_hundreds_of_columns_and_variables_are_counted_in_the_rows_of_a_filter(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    for host in ("a", "b"):
        database.insert("exec_cfg", {"env": ";".join(f"HOST_{place}={host}" for place in range(250))})
    names = [f"p{place}" for place in range(250)]
    of_a_row = [{"exec_cfg_id": 1 + row % 2, **dict.fromkeys(names, row % 3)} for row in range(12)]
    of_none = {"exec_cfg_id": 7, **dict.fromkeys(names, 0)}
    database.task("Find", dict.fromkeys(names, "INTEGER"), [*of_a_row, of_none])
    found, counts = faceted(opened(database.path), "Find", "p0<2")
    assert found.rows == 9
    assert all(counts[name] == {0: 5, 1: 4} for name in names)
    assert all(counts[f"env.HOST_{place}"] == {"a": 4, "b": 4, None: 1} for place in range(250))


def test_a_column_whose_values_all_differ_is_no_facet(database: Database, opened: Callable[[Path], Source]) -> None:
    rows = [{"own": f"/r{row}", "mode": "ab"[row % 2]} for row in range(6)]
    database.task("Task", {"own": "TEXT", "mode": "TEXT"}, rows)
    _found, counts = faceted(opened(database.path), "Task")
    assert counts == {"mode": {"a": 3, "b": 3}}


def test_parameters_come_first_and_keys_of_shared_rows_last(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    found, counts = faceted(source, "FindPeaksPyAlgos")
    names = list(counts)
    parameters = {column.name for column in source.relation("FindPeaksPyAlgos").parameters}
    of_them = [name for name in names if name in parameters]
    assert of_them
    assert names[: len(of_them)] == of_them
    stored_or_joined = [facet.column.name for facet in found.facets if facet.column.part is None]
    assert stored_or_joined.index("gen_cfg_id") > stored_or_joined.index("result.task_status")


def test_an_empty_table_has_no_facets(database: Database, opened: Callable[[Path], Source]) -> None:
    database.task("Find", {"n": "INTEGER"}, [])
    found, counts = faceted(opened(database.path), "Find")
    assert (found.complete, found.rows, counts) == (True, 0, {})
