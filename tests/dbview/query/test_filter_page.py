"""The page on the filter language, and the table in the interface, tell of all there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.filter import parse
from dbview.query.names import ALIASES
from dbview.query.resolve import resolve
from dbview.query.signs import OPERATORS
from dbview.query.standing import STANDINGS
from dbview.screens.help import FILTERS
from dbview.source.source import Source
from recorder import Recorder
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "filters.md").read_text()
TABLE = " ".join(form for form, _words in FILTERS)


@pytest.mark.parametrize("word", STANDINGS)
def test_every_word_after_is_is_told_of(word: str) -> None:
    assert f"`is:{word}`" in PAGE
    assert f"is:{word}" in TABLE


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_told_of(operator: str) -> None:
    assert re.search(rf"`col{re.escape(operator)}", PAGE)
    assert f"column{operator}" in TABLE


def test_every_short_name_and_every_column_beside_an_entry_is_told_of(
    tmp_path: Path, opened: Callable[[Path], Source]
) -> None:
    with Recorder(tmp_path / "lute.db") as recorder:
        recorder.record({"task_result": {"task_name": "Task", "task_status": "FAILED"}}, return_code=1)
    for column in opened(tmp_path / "lute.db").relation("Task").beside:
        assert f"`{column.name}`" in PAGE
    assert set(ALIASES) <= set(PAGE.split("The short names `")[1].split("`")[0].split())


def test_the_forms_of_the_table_make_sense(tmp_path: Path, opened: Callable[[Path], Source]) -> None:
    parameters = {"column": 1, "run": 1, "compression": {"a": 1}}
    with Recorder(tmp_path / "lute.db") as recorder:
        recorder.record(
            {
                "task_result": {"task_name": "Task", "task_status": "FAILED"},
                "task_parameters": parameters,
                "task_env": {"SLURM_JOB_ID": "1"},
            },
            return_code=1,
        )
    task = opened(tmp_path / "lute.db").relation("Task")
    for form in (form for forms, _words in FILTERS for form in forms.split("  ")):
        is_name = form.startswith(("p.", "env.", "summary.", "failure.", "origin.", "compression.", '"result'))
        node = parse(f"{form}=1" if is_name else form.replace("...", "x"))
        assert node is not None
        resolve(node, task)
