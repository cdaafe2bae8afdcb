"""Values of secrets are masked wherever they are shown or written, unless the person asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.cli import main
from dbview.query.filter import quote_literal
from dbview.query.relation import Column, Role
from dbview.query.view import View
from dbview.secrets import masked_cell, masked_json, masked_summary, masked_tree, reveal_secrets
from dbview.summary import summary_pairs
from dbview.values import UndecodableText
from tests.dbview.database import Database
from tests.dbview.tui.conftest import Look, look  # noqa: F401 - a fixture

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab _") | st.sampled_from(["token", "api_key"]), inner),
    max_leaves=20,
)


def without_texts(tree: Any) -> Any:
    """Return a tree in which every text is the same."""
    if isinstance(tree, dict):
        return {name: without_texts(inner) for name, inner in tree.items()}
    return [without_texts(inner) for inner in tree] if isinstance(tree, list) else "" if isinstance(tree, str) else tree


@pytest.fixture(autouse=True)
def masked_again() -> Iterator[None]:
    """Mask secrets again after each test: the setting is the program's."""
    yield
    reveal_secrets(False)


def test_texts_below_a_secrets_name_are_masked_and_numbers_stay() -> None:
    tree = {"login": {"api_token": "t", "credentials": {"user": "u", "ids": [1, "x"]}}, "max_tokens": 5, "note": "n"}
    assert masked_tree(tree) == {
        "login": {"api_token": "***", "credentials": {"user": "***", "ids": [1, "***"]}},
        "max_tokens": 5,
        "note": "n",
    }
    assert tree["login"]["api_token"] == "t"  # type: ignore[index]


def test_tagged_values_are_masked_as_a_whole_and_names_of_files_stay() -> None:
    tree = {"key": {"$path": "/a"}, "password": {"$file": "sha256-1.npy"}, "$items": [["secret", "x"], [1, "y"]]}
    assert masked_tree(tree) == {
        "key": "***",
        "password": {"$file": "sha256-1.npy"},
        "$items": [["secret", "***"], [1, "y"]],
    }


@given(TREES)
def test_masking_changes_nothing_but_texts_and_can_be_repeated(tree: Any) -> None:
    masked = masked_tree(tree)
    assert masked_tree(masked) == masked
    assert without_texts(masked) == without_texts(tree)


@given(TREES)
def test_json_without_secrets_stays_as_it_stands(tree: Any) -> None:
    text = json.dumps(tree)
    masked = masked_json(text)
    assert json.loads(masked) == masked_tree(tree)
    if masked_tree(tree) == tree:
        assert masked == text


def test_the_beginning_of_json_is_masked_too() -> None:
    cut = '{"a": "b", "api_key": "hidden", "list": [{"password": "also hid'
    assert masked_json(cut) == '{"a": "b", "api_key": "***", "list": [{"password": "***'


@pytest.fixture
def entry(database: Database) -> Path:
    """An entry with a secret among its parameters, in its payload and in its environment."""
    database.insert("gen_cfg", {"title": "t", "experiment": "e", "run": "1"})
    database.insert("exec_cfg", {"env": "SLURM_JWT=in-environment;SLURM_JOB_ID=7"})
    row = {
        "gen_cfg_id": 1,
        "exec_cfg_id": 1,
        "result.task_status": "COMPLETED",
        "valid_flag": 1,
        "result.summary": "Hits: 812;db password: in-summary ;user: ana",
        "result.payload": json.dumps({"login": {"token": "in-payload"}, "user": "ana"}),
        "web.password": "in-parameters",
        "web.user": "ana",
    }
    database.task("Find", {"web.password": "TEXT", "web.user": "TEXT"}, [row])
    return database.path


HIDDEN = ("in-environment", "in-payload", "in-parameters", "in-summary")
NAMED = ("summary", 'summary."db password"', 'summary."DB_PASSWORD"')


@pytest.mark.parametrize("form", ["text", "json"])
def test_show_masks_secrets_unless_they_are_asked_for(
    entry: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(entry), "Find", "1", "--format", form]) == 0
    written = capsys.readouterr().out
    assert not any(word in written for word in HIDDEN)
    assert "***" in written
    assert "ana" in written
    assert main(["show", str(entry), "Find", "1", "--format", form, "--reveal"]) == 0
    written = capsys.readouterr().out
    assert all(word in written for word in HIDDEN)


def test_query_masks_secrets_unless_they_are_asked_for(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["query", str(entry), "Find", "--columns", "web.password,payload,env.SLURM_JWT,summary", "--format", "csv"]
    assert main(asked) == 0
    written = capsys.readouterr().out
    assert not any(word in written for word in HIDDEN)
    assert main([*asked, "--reveal"]) == 0
    written = capsys.readouterr().out
    assert all(word in written for word in HIDDEN)


@pytest.mark.parametrize(
    "asked",
    [
        ["latest", "summary"],
        ["query", "--columns", "summary.*word"],
        *([*command, column] for command in (["query", "--columns"], ["group"], ["stats"]) for column in NAMED),
    ],
    ids=" ".join,
)
def test_named_values_of_a_summary_are_masked_by_their_names(
    entry: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command, *names = asked
    asked = [command, str(entry), "Find", *names]
    assert main(asked) == 0
    written = capsys.readouterr().out
    assert "in-summary" not in written
    assert "***" in written
    assert main([*asked, "--reveal"]) == 0
    assert "in-summary" in capsys.readouterr().out


@pytest.mark.parametrize(
    "summary",
    [
        '{"tokens": [\n  "classified"\n], "n": 1,',
        '{"tokens": [\n "classified"\n], "n":1, "n":2}',
        '{"a":1}\n{"tokens": [\n "classified"]}\n',
        "{'tokens': [\n 'classified']}",
        '{"tokens": ["a;classified"], "n"',
        json.dumps({"tokens": ["classified"], "x": "y" * 3000}, indent=2),
        "[1] done;token: classified",
    ],
)
@pytest.mark.parametrize("command", [["query", "--columns", "summary"], ["group", "summary"], ["latest", "summary"]])
def test_a_summary_that_is_json_or_was_is_masked_as_such(
    database: Database, summary: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    database.task("Find", {}, [{"result.summary": summary, "valid_flag": 1}])
    name, *asked = command
    assert main([name, str(database.path), "Find", *asked]) == 0
    written = capsys.readouterr().out
    assert "classified" not in written
    assert "***" in written
    assert main(["query", str(database.path), "Find", "summary:classified", "--format", "jsonl"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("space", ["", "\x1c", "\x85", "\xa0", "\u1680", "\u2003", "\u3000", "\ufeff"])
def test_json_that_is_not_utf_8_is_masked_whatever_stands_before_it(space: str) -> None:
    cell = UndecodableText(space.encode() + b'{"password": "classified", "z": "\xff"}')
    shown = masked_cell(Column("text", role=Role.PARAMETER), cell)
    assert isinstance(shown, UndecodableText)
    assert b"classified" not in shown.raw


def test_a_column_of_any_other_table_is_masked_by_its_name(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.execute("CREATE TABLE users(id INTEGER PRIMARY KEY, key TEXT, password TEXT)")
    database.execute("INSERT INTO users VALUES (1, 'u-1', 'classified')")
    database.connection.commit()
    asked = ["query", str(database.path), "users", "--format", "jsonl"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out) == {"id": 1, "key": "u-1", "password": "***"}
    assert main([*asked, "password:classified"]) == 0
    assert capsys.readouterr().out == ""


def test_a_variable_that_is_json_is_masked_once(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.insert("exec_cfg", {"env": 'LUTE_C={"password": "classified", "u": 1};LUTE_A=1'})
    database.task("Find", {}, [{"exec_cfg_id": 1}])
    asked = ["query", str(database.path), "Find", "--columns", "env.LUTE_C", "--format", "jsonl"]
    shown = '{"password": "***", "u": 1}'
    for filter in ("", f"env.LUTE_C={quote_literal(shown)}"):
        assert main([*asked, filter]) == 0
        assert shown in json.loads(capsys.readouterr().out).values()


@given(st.text("ab:; \n\r\t\x85") | st.text())
def test_a_summary_keeps_all_but_the_values_of_secrets(summary: str) -> None:
    assert masked_summary(summary) == masked_summary(masked_summary(summary))
    joined = f"{summary};my token:  x y \n{summary}"
    expected = f"{masked_summary(summary)};my token:  *** \n{masked_summary(summary)}"
    assert masked_summary(joined) == expected
    assert list(summary_pairs(masked_summary(joined))) == list(summary_pairs(joined))


async def test_the_screen_masks_secrets_and_says_when_it_does_not(entry: Path, look: Look) -> None:  # noqa: F811
    async with look(entry, View("Find"), key=1, size=(120, 50)) as viewer:
        await viewer.until_shown("password", "ana")
        assert not any(word in viewer.text for word in HIDDEN)
        assert "secrets shown" not in viewer.text
        await viewer.press("escape")
        await viewer.until_shown("COMPLETED" if "COMPLETED" in viewer.text else "Find")
        assert not any(word in viewer.text for word in HIDDEN)
    reveal_secrets()
    async with look(entry, View("Find"), key=1, size=(120, 50)) as viewer:
        await viewer.until_shown("in-parameters", "in-payload", "in-summary", "secrets shown")


@pytest.mark.parametrize("column", ["web.password", "summary"])
async def test_no_filter_is_made_of_a_masked_value_and_the_words_say_why(entry: Path, look: Look, column: str) -> None:  # noqa: F811
    async with look(entry, View("Find", columns=(column,))) as viewer:
        await viewer.until_shown("1 entry", "***")
        await viewer.press("equals_sign")
        await viewer.until_shown("It has a secret, which is masked")
        assert "web.password=" not in viewer.text
        await viewer.press("b")
        await viewer.until_shown("1 group", "***")
        await viewer.press("enter")
        await viewer.until_shown("It has a secret, which is masked", "name this group")
        assert "› by " in viewer.text
