"""What a shell is given: a row a line, values parted by NULs, and exit codes as grep has them."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.commands import COMMANDS
from dbview.headless.cells import line_field
from tests.dbview.database import Database

from .conftest import DBVIEW, ENVIRONMENT, ROOT, answer, run_dbview

HOSTILE = [
    "two\nlines",
    "a 'quote'",
    'a "quote"',
    "-rf",
    "--",
    "$(false)",
    "tab\there",
    "back\\slash\\n",
    "*",
    " blank ",
]


@pytest.fixture
def named(database: Database) -> Path:
    """A Task whose entries have names that shells stumble over."""
    database.insert("gen_cfg", {"experiment": "e", "run": "1"})
    common = {"gen_cfg_id": 1, "result.task_status": "COMPLETED", "valid_flag": 1}
    entries = [{**common, "name": name, "other": number} for number, name in enumerate(HOSTILE)]
    database.task("Find", {"name": "TEXT", "other": "INTEGER"}, [*entries, {**common, "other": None}])
    database.connection.close()
    return database.path


def test_lines_are_the_ids_unless_columns_are_named(named: Path) -> None:
    assert answer("query", named, "Find", "id<=3", "--format", "lines").out == "3\n2\n1\n"
    got = answer("query", named, "Find", "id=1 or id=8", "--format", "lines", "--columns", "name,other")
    assert got.out == "back\\\\slash\\\\n\t7\ntwo\\nlines\t0\n"
    assert (got.code, got.err) == (0, "")
    assert answer("query", named, "Find", "other=null", "--format", "lines", "--columns", "name,id").out == "\\N\t11\n"


def test_values_parted_by_nuls_are_the_very_bytes(named: Path) -> None:
    done = run_dbview("query", named, "Find", "name!=null", "--columns", "name,id", "-0", "--sort", "id")
    fields = done.stdout.split("\0")
    assert (done.returncode, fields.pop()) == (0, "")
    assert fields[::2] == HOSTILE
    assert fields[1::2] == [str(number) for number in range(1, len(HOSTILE) + 1)]


def test_a_file_is_written_in_the_same_way(named: Path, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "names"
    file.parent.mkdir()
    assert answer("query", named, "Find", "id<=2", "--columns", "name", "-0", "--output", file).code == 0
    assert file.read_bytes() == b"a 'quote'\0two\nlines\0"


def test_bytes_that_are_no_text_are_written_as_they_are(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    database.task("Find", {"name": "TEXT"}, [{"name": b"\xff\xfe"}, {"name": "a"}])
    database.execute("UPDATE Find SET name = CAST(name AS TEXT) WHERE id = 1")
    database.connection.close()
    command = [*DBVIEW, "query", database.path, "Find", "--columns", "name", "--sort", "id"]
    done = subprocess.run([*command, "--null"], env=ENVIRONMENT, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"\xff\xfe\0a\0")
    assert answer(*command[len(DBVIEW) :], "--format", "lines").out == "\\xff\\xfe\na\n"


def test_a_value_that_holds_a_nul_is_refused_where_nuls_part_values(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    database.task("Find", {"name": "TEXT"}, [{"name": "a\0b"}])
    database.connection.close()
    asked = ["query", database.path, "Find", "--columns", "name"]
    done = run_dbview(*asked, "-0", "--exit-code")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds a NUL" in done.stderr
    assert answer(*asked, "--format", "lines").out == "a\\0000b\n"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_line_is_one_line_and_gives_the_value_back(value: str) -> None:
    line = line_field(value)
    assert not set(line) & set("\n\r\t")
    back = re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), line)
    assert back == value


@pytest.mark.parametrize("reading", ["lines", "null"])
def test_the_documented_loops_take_hostile_names(named: Path, reading: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "headless.md").read_text(encoding="utf-8")
    loops = re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (loop,) = [one for one in loops if ("-0" in one) is (reading == "null")]
    shim = tmp_path / "bin" / "dbview"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dbview "$@"\n')
    shim.chmod(0o755)
    environment = {**ENVIRONMENT, "PATH": f"{shim.parent}:{ENVIRONMENT['PATH']}"}
    done = subprocess.run(["bash", "-eu", "-c", loop], cwd=named.parent, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    given_back = done.stdout.decode().split("\0")[:-1]
    assert given_back == HOSTILE[::-1]


# Exit codes


FOUND = [
    ["query", "Find", "id=1"],
    ["runs"],
    ["tables"],
    ["group", "Find", "name"],
    ["stats", "Find", "other"],
    ["history", "Find", "other"],
    ["latest", "Find", "status", "--run", "1"],
    ["diff", "Find", "1", "2"],
    ["show", "Find", "1"],
]
NOT_FOUND = [
    ["query", "Find", "id=77"],
    ["group", "Find", "name", "--where", "id=77"],
    ["stats", "Find", "other", "id=77"],
    ["history", "Find", "other", "id=77"],
    ["latest", "Find", "name", "--run", "9"],
    ["diff", "Find", "1", "1"],
    ["lineage", "Find", "1"],
]
FAILING = [
    ["query", "Nothing"],
    ["query", "Find", "run=("],
    ["show", "Find", "77"],
    ["latest", "Find", "nothing"],
    ["diff", "Find", "1", "77"],
    ["lineage", "gen_cfg", "1"],
    ["group", "Find", "nothing"],
    ["history", "gen_cfg", "run"],
    ["query", "Find", "--format", "csv", "-0"],
]


@pytest.mark.parametrize(
    ("asked", "code"),
    [*((one, 0) for one in FOUND), *((one, 1) for one in NOT_FOUND), *((one, 2) for one in FAILING)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_exit_codes_are_those_of_grep_if_they_are_asked_for(named: Path, asked: list[str], code: int) -> None:
    command, *rest = asked
    assert answer(command, named, *rest, "--exit-code").code == code
    plain = answer(command, named, *rest).code
    # Without it, nothing found is no error, but where a next Task is given nothing.
    assert plain == (8 if command == "latest" else 0) if code == 1 else (plain == 0) is (code == 0)


def test_a_full_disk_is_an_error_and_not_nothing_found(named: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run_dbview("query", named, "Find", "--format", "csv", "--exit-code", capture_output=False, stdout=full)
    assert done.returncode == 2


# Lists of other commands


def test_every_list_has_lines(named: Path) -> None:
    def lines(*asked: object) -> list[str]:
        command, *rest = asked
        got = answer(command, named, *rest, "--format", "lines")
        assert got.code == 0, got.err
        return got.out.splitlines()

    assert lines("tables") == ["Find", "gen_cfg", "exec_cfg"]
    (run,) = lines("runs")
    assert run.split("\t")[:3] == ["e", "1", "Find"]
    assert lines("group", "Find", "valid") == ["1\t11\t11\t0"]
    assert lines("latest", "Find", "status") == ["COMPLETED"]
    assert lines("diff", "Find", 1, 2) == ["parameters\tname\ttwo\\nlines\ta 'quote'", "parameters\tother\t0\t1"]
    assert lines("lineage", "Find", 1) == []


def test_lines_of_a_lineage_name_direction_task_id_and_path(database: Database) -> None:
    for task, given_path, made in (("Find", "/raw", "/a b.h5"), ("Index", "/a b.h5", "/b.h5")):
        database.task(task, {"in_file": "TEXT"}, [{"in_file": given_path, "result.payload": made}])
    database.connection.close()
    asked = ["--format", "lines", "--exit-code"]
    assert answer("lineage", database.path, "Find", 1, *asked)[:2] == (0, "used_by\tIndex\t1\t/a b.h5\n")
    assert answer("lineage", database.path, "Index", 1, *asked)[:2] == (0, "made_from\tFind\t1\t/a b.h5\n")


# Nothing there


def test_a_table_of_no_rows_is_a_word_and_no_headings(named: Path) -> None:
    got = answer("query", named, "Find", "id=77")
    assert (got.code, got.out, got.err) == (0, "", "No entry of Find is found.\n")
    assert answer("query", named, "Find", "id=77", "--format", "csv").out.startswith("id,")
    got = answer("group", named, "Find", "name", "--where", "id=77")
    assert (got.code, got.out, got.err) == (0, "", "No entry of Find is found.\n")
    assert answer("group", named, "Find", "name", "--where", "id=77", "--format", "csv").out.startswith("name,")


def test_a_file_that_holds_nothing_says_so(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    for command, words in (("tables", "holds no tables yet"), ("runs", "is of a run")):
        got = answer(command, file)
        assert (got.code, got.out, got.err.count("\n")) == (0, "", 1)
        assert words in got.err
        assert answer(command, file, "--exit-code").code == 1
        assert answer(command, file, "--format", "json").out == "[]\n"


def test_every_command_is_named_by_the_help_and_has_help_of_its_own() -> None:
    listed = answer("--help").out
    for name, command in COMMANDS.items():
        assert f"dbview {name} PATH" in listed
        got = answer(name, "--help")
        assert (got.code, got.err) == (0, "")
        assert command.words in got.out


@pytest.mark.parametrize(
    "asked",
    [
        ["query", "Find", "--columns", "id,summary.hits"],
        ["query", "Find", "summary.hits>5"],
        ["query", "Find", "--sort", "summary.hits"],
        ["query", "Find", "--columns", "env.NAME", "--format", "jsonl"],
        ["group", "Find", "summary.hits"],
        ["stats", "Find", "summary.hits"],
    ],
    ids=" ".join,
)
def test_a_name_that_no_entry_has_is_told(named: Path, asked: list[str]) -> None:
    command, *rest = asked
    got = answer(command, named, *rest)
    assert got.code == 0
    assert re.search(r"None of the newest rows of Find has (summary\.hits|env\.NAME)\.", got.err)


def test_the_nearest_names_are_offered(recorded: Path) -> None:
    got = answer("query", recorded, "FindPeaks", "--columns", "summary.number_of_hits")
    assert "Did you mean Number of hits found?" in got.err
    assert "None of" not in answer("query", recorded, "FindPeaks", "--columns", "summary.number_of_hits_found").err


def test_names_are_understood_in_a_locale_that_knows_no_other_letters_than_english(tmp_path: Path) -> None:
    directory = tmp_path / "größe"
    directory.mkdir()
    database = Database(directory / "lute.db")
    database.task("日本", {"größe": "TEXT"}, [{"größe": "klein"}, {"größe": "groß"}])
    database.connection.close()
    environment = {**ENVIRONMENT, "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    file = tmp_path / "größe.txt"
    command = [*DBVIEW, "query", database.path, "日本", "größe=groß", "--columns", "größe", "--format", "lines"]
    done = subprocess.run([*command, "--output", file], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert file.read_text("utf-8") == "groß\n"
