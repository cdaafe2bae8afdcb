"""A View as a command line: what a shell makes of it is the View again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dbview.query.link import command, link, split_names
from dbview.query.relation import Column, Relation, RelationKind, Role
from dbview.query.view import SortKey, View

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
_NAMES = st.lists(_TEXTS.filter(lambda text: not text.startswith("-")), min_size=1, max_size=4, unique=True)


def _words(line: str) -> list[str]:
    """Return the words that ``sh`` takes a command line for."""
    script = f'dbview() {{ printf "%s\\0" "$@"; }}\n{line}'.encode()
    found = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    return [os.fsdecode(word) for word in found.split(b"\0")[:-1]]


@settings(max_examples=50, deadline=None)
@given(_TEXTS, _TEXTS)
@example("/a b/l'ute.db", "-status=FAILED")
@example("/x", 'note:$(reboot)`ls`\n;!! \\ "quoted"')
def test_every_word_is_one_for_the_shell(path: str, filter: str) -> None:
    words = _words(command(["dbview", path, "Peaks"], filter))
    assert words[:2] == [path, "Peaks"]
    rest = words[2:]
    assert rest == ([] if not filter.strip() else ["--", filter] if filter.startswith("-") else [filter])


@settings(deadline=None)
@given(_NAMES, st.lists(st.booleans(), min_size=4, max_size=4))
def test_sort_and_columns_are_found_again(names: list[str], descends: list[bool]) -> None:
    columns = tuple(Column(name, role=Role.PARAMETER) for name in names)
    relation = Relation("Peaks", RelationKind.TASK, (Column("id", role=Role.ID), *columns))
    sort = tuple(SortKey(name, descending) for name, descending in zip(names, descends, strict=False))
    view = View("Peaks", "", sort, tuple(names), 7)
    options = dict(word.split("=", 1) for word in _words(link(Path("/lute.db"), relation, view))[2:])
    assert options["--at"] == "7"
    sorts = [name for name, _is_quoted in split_names(options["--sort"])]
    stripped = [SortKey(name.removeprefix("-"), name.startswith("-")) for name in sorts]
    assert [key.column for key in stripped] == [key.column for key in sort]
    assert [key.descending for key in stripped] == [key.descending for key in sort]
    assert [name for name, _is_quoted in split_names(options["--columns"])] == names


def test_a_name_that_would_mean_another_column_stands_in_quotes() -> None:
    run = Column("gen_cfg.run", role=Role.RUN)
    relation = Relation(
        "Peaks", RelationKind.TASK, (Column("id", role=Role.ID), Column("run", role=Role.PARAMETER), run)
    )
    view = View("Peaks", "", (), ("run", "gen_cfg.run"))
    assert _words(link(Path("/lute.db"), relation, view))[2:] == ['--columns="run",gen_cfg.run']


def test_an_entry_above_the_table_is_named_by_its_id() -> None:
    relation = Relation("Peaks", RelationKind.TASK, (Column("id", role=Role.ID),))
    view = View("Peaks", "run=12", (SortKey("id"),), None, 7)
    assert link(Path("/lute.db"), relation, view, entry=9) == "dbview /lute.db Peaks --sort=id --id=9 run=12"
