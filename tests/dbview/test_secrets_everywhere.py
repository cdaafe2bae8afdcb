"""One file with a secret in every kind of place: no screen and no command shows any of them, unless it was asked to."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.cli import main
from dbview.query.view import View
from dbview.secrets import masked_text, reveal_secrets
from tests.dbview.database import Database
from tests.dbview.tui.conftest import Look, look  # noqa: F401 - a fixture

OPEN = "shown-to-all"
"""What stands beside the secrets, and is not masked."""

SIDE_TABLES = """
CREATE TABLE _rec_meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE _rec_entry(key TEXT, task TEXT, id INTEGER, gen_cfg_id INTEGER, timestamp TEXT, parameters TEXT);
"""


@pytest.fixture(autouse=True)
def masked_again() -> Iterator[None]:
    """Mask secrets again after each test: the setting is the program's."""
    yield
    reveal_secrets(False)


def nested(name: str, secret: str) -> str:
    """Return JSON with a secret below a list, and one in JSON that is a text in it."""
    inner = json.dumps({"api_key": f"classified-inner-{secret}"})
    return json.dumps({"user": OPEN, name: [f"classified-{secret}"], "inner": inner})


def entry(number: int) -> dict[str, object]:
    """Return an entry whose every value is another than that of other numbers."""
    return {
        "gen_cfg_id": 1,
        "exec_cfg_id": number,
        "timestamp": f"2024-01-0{number} 00:00:00",
        "result.task_status": "COMPLETED",
        "valid_flag": 1,
        "text": nested("password", f"text-{number}"),
        "cut": f'{{"token": ["classified-cut-{number}", {{"a": "classified-deep-{number}',
        "twice": f'{{"token": "classified-twice-{number}", "token": ""}}',
        "python": f"{{'user': '{OPEN}', 'token': 'classified-python-{number}'}}",
        "blob": nested("secret", f"blob-{number}").encode(),
        "odd": b'{"token": "classified-odd-' + str(number).encode() + b'", "user": "\xff"}',
        "web.password": f"classified-named-{number}",
        "result.summary": f"db password: classified-pair-{number};user: \xff".encode("latin-1"),
        "result.payload": nested("jwt", f"payload-{number}").encode(),
    }


PARAMETERS = dict.fromkeys(("text", "cut", "twice", "python", "odd", "web.password"), "TEXT") | {"blob": "BLOB"}
TEXTS = ("odd", "result.summary")
"""Columns that hold text which is not UTF-8."""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Two entries, which differ in each of their secrets, and one whose parameters hold none."""
    database = Database(tmp_path / "lute.db")
    database.insert("gen_cfg", {"title": json.dumps({"token": "classified-title"}), "experiment": "e", "run": "1"})
    for number in (1, 2):
        variables = {
            "SLURM_JWT": f"classified-variable-{number}",
            "LUTE_CONF": nested("token", f"variable-json-{number}"),
        }
        database.insert("exec_cfg", {"env": ";".join(f"{name}={value}" for name, value in variables.items())})
    plain = dict.fromkeys(PARAMETERS, "plain-value")
    database.task("Find", PARAMETERS, [entry(1), entry(2), {**entry(1), **plain, "valid_flag": 0}])
    for column in TEXTS:
        database.execute(f'UPDATE Find SET "{column}" = CAST("{column}" AS TEXT)')
    row = {"gen_cfg_id": 1, "exec_cfg_id": 1, "result.task_status": "FAILED", "valid_flag": 0}
    summaries = [json.dumps({"token": f"classified-summary-{number}", "user": OPEN}) for number in (1, 2)]
    broken = ['{"token": "classified-broken-' + str(number) for number in (1, 2)]
    database.task(
        "Json",
        {},
        [
            {**row, "result.summary": summary, "result.payload": payload}
            for summary, payload in zip(summaries, broken, strict=True)
        ],
    )
    database.connection.executescript(SIDE_TABLES)
    raw = base64.b64encode(nested("token", "in-bytes").encode()).decode()
    exact = {"user": OPEN, "text": nested("key", "exact"), "blob": {"$bytes": raw}}
    database.insert(
        "_rec_entry",
        {"key": "k", "task": "Find", "id": 2, "gen_cfg_id": 1, "timestamp": "2024-01-02 00:00:00"}
        | {"parameters": json.dumps(exact).replace("[", "\\u005b")},
    )
    database.connection.commit()
    database.connection.close()
    return database.path


ALL = [
    "web.password",
    *sorted(PARAMETERS.keys() - {"web.password"}),
    "payload",
    "summary",
    "env.SLURM_JWT",
    "env.LUTE_CONF",
    "title",
    'summary."db password"',
]
PLACES = [("Find", "1"), ("Find", "2"), ("Json", "1")]
COMMANDS = [
    *(["query", "Find", "--columns", ",".join(ALL), "--format", form] for form in ("table", "json", "csv", "markdown")),
    *(["query", table, "--format", "jsonl"] for table in ("Find", "Json", "gen_cfg", "exec_cfg", "_rec_entry")),
    *(["show", *place, "--format", form] for place in PLACES for form in ("text", "json")),
    *(["show", table, "1", "--format", "json"] for table in ("gen_cfg", "exec_cfg", "_rec_entry")),
    *(["diff", table, "1", "2", "--format", form] for table in ("Find", "Json") for form in ("text", "json")),
    *(["group", "Find", column, "--format", "json"] for column in ALL),
    *(["stats", "Find", column, "--format", "json"] for column in ALL),
    *(["history", "Find", column, "--format", "json"] for column in ALL),
    *(["latest", "Find", name] for name in (*PARAMETERS, "payload", "summary")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_writes_a_secret(hostile: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    name, *asked = command
    assert main([name, str(hostile), *asked]) == 0
    written = capsys.readouterr().out
    assert "classified" not in decoded(written)
    assert main([name, str(hostile), *asked, "--reveal"]) == 0
    assert "classified" in decoded(capsys.readouterr().out)


def decoded(written: str) -> str:
    """Return what was written with what stands in it as base64 or in hexadecimal behind it."""
    found = [written]
    for text in re.findall(r"[A-Za-z0-9+/=]{16,}", written):
        try:
            raw = bytes.fromhex(text) if re.fullmatch("[0-9a-f]+", text) else base64.b64decode(text, validate=True)
        except ValueError:
            continue
        found.append(raw.decode("latin-1"))
    return "\n".join(found)


def test_files_that_are_written_hold_no_secret(hostile: Path, tmp_path: Path) -> None:
    for form in ("csv", "jsonl", "json", "md"):
        file = tmp_path / f"written.{form}"
        assert main(["query", str(hostile), "Find", "--output", str(file), "--force"]) == 0
        written = decoded(file.read_text())
        assert "***" in written or "\\*\\*\\*" in written
        assert "classified" not in written


def test_no_secret_is_found_as_a_path_of_another_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(tmp_path / "lute.db")
    made = {
        "key_file": "/classified/key.pem",
        "conf": '{"token": "/classified/token.h5"}',
        "result.payload": "/made.h5",
    }
    for task in ("One", "Two"):
        database.task(task, {"key_file": "TEXT", "conf": "TEXT"}, [made])
    database.connection.close()
    for form in ("text", "json"):
        assert main(["lineage", str(database.path), "One", "1", "--format", form]) == 0
        assert "classified" not in capsys.readouterr().out


async def test_no_screen_shows_a_secret(hostile: Path, look: Look) -> None:  # noqa: F811
    async with look(hostile, View("Find", columns=tuple(ALL)), size=(400, 60)) as viewer:
        await viewer.until_shown("3 entries", "***")
        assert "classified" not in viewer.text
        for key, words in (("F", "› facets"), ("b", "1 group")):
            await viewer.press(key)
            await viewer.until_shown(words, "***")
            assert "classified" not in viewer.text
            await viewer.press("escape")
            await viewer.until_shown("3 entries")


@pytest.mark.parametrize("key", [1, 2])
async def test_the_screen_of_an_entry_shows_none(hostile: Path, look: Look, key: int) -> None:  # noqa: F811
    async with look(hostile, View("Find"), key=key, size=(300, 120)) as viewer:
        await viewer.until_shown("Parameters", "Payload", "***", OPEN)
        assert "classified" not in viewer.text
        await viewer.press("p")
        await viewer.until_shown("as tree", "***")
        assert "classified" not in viewer.text
        await viewer.press("v")
        await viewer.until_shown("as text", "***")
        assert "classified" not in viewer.text


async def test_a_comparison_shows_none(hostile: Path, look: Look) -> None:  # noqa: F811
    async with look(hostile, View("Find"), size=(300, 120)) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.press("down", "space", "down", "space", "c")
        await viewer.until_shown("Parameters", "***")
        assert "classified" not in viewer.text


@pytest.mark.parametrize("name", ["twice", "cut"])
async def test_no_suggestion_is_a_secret(hostile: Path, look: Look, name: str) -> None:  # noqa: F811
    async with look(hostile, View("Find", columns=("id",)), size=(160, 40)) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.press("slash", *f"p.{name}=")
        await viewer.until_shown(f"p.{name}=", "plain-value")
        assert "classified" not in viewer.text


async def test_no_filter_is_made_of_json_that_hides_a_secret(hostile: Path, look: Look) -> None:  # noqa: F811
    async with look(hostile, View("Find", columns=("text",))) as viewer:
        await viewer.until_shown("3 entries", "shown-to-all")
        await viewer.press("down", "equals_sign")
        await viewer.until_shown("It has a secret, which is masked")


async def test_a_filter_of_a_masked_name_finds_nothing_and_the_line_below_says_why(hostile: Path, look: Look) -> None:  # noqa: F811
    async with look(hostile, View("Find", "p.web.password~^classified"), size=(160, 40)) as viewer:
        await viewer.until_shown("0 of 3", "masked, so that a filter sees ***: web.password (--reveal shows secrets)")
    reveal_secrets()
    async with look(hostile, View("Find", "p.web.password~^classified"), size=(160, 40)) as viewer:
        await viewer.until_shown("2 of 3")


# What is not whole JSON


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"token": "a"}\n{"token": "b", "user": "c"}', '{"token": "***"}\n{"token": "***", "user": "c"}'),
        (
            '{"token": {"a": ["x", {"b": "y"}], "c": 1}, "d": "z"',
            '{"token": {"a": ["***", {"b": "***"}], "c": 1}, "d": "z"',
        ),
        ("{'a': \"it's\", 'token': 'b', 'n': [('key', 1)]}", "{'a': \"it's\", 'token': '***', 'n': [('key', 1)]}"),
        ('{"pass\\u0077ord": "x"}', '{"password": "***"}'),
        ('{"pass\\u0077ord": "x"', '{"pass\\u0077ord": "***"'),
        ('\ufeff{"token": "x"}', '\ufeff{"token": "***"}'),
        ('{"token": {"$file": "sha256-1.npy"}, "x"', '{"token": {"$file": "sha256-1.npy"}, "x"'),
        ('[1, "token", "x"]', '[1, "token", "x"]'),
        ('say {"token": "x"}', 'say {"token": "x"}'),
    ],
)
def test_what_is_no_whole_json_is_masked_as_well(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@given(st.text("[]{}\"',:\\\n tokenx"), st.text("abc \\'"))
def test_a_secret_behind_anything_is_masked_once_the_text_is_taken_for_json(before: str, value: str) -> None:
    text = json.dumps({"before": before, "token": f"classified{value}"})
    for cut in (text, text[:-1], f"{text}\n{text}", f"{text[:-1]}, {text[1:]}"):
        assert "classified" not in masked_text(cut)


def test_a_large_text_takes_no_longer_than_its_length() -> None:
    for text in (
        "{" + "'" * 300_000,
        '{"token": ' + "\\" * 300_000,
        "{" + ", '" * 100_000,
        "[" * 300_000 + '"token":"x"',
    ):
        assert len(masked_text(f"{text} key")) > 100_000


def test_a_row_of_another_program_is_masked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE settings(id INTEGER PRIMARY KEY, key TEXT, value TEXT)")
        connection.execute("INSERT INTO settings VALUES (1, 'a key', ?)", (nested("token", "other"),))
    connection.close()
    assert main(["query", str(path), "settings", "--format", "csv"]) == 0
    written = capsys.readouterr().out
    assert "a key" in written
    assert "classified" not in written
