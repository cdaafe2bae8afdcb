"""A filter sees of a secret what may be shown of it: entries that differ in secrets alone are all found, or none is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbview.query.filter import quote_literal
from dbview.query.names import find_column
from dbview.query.view import SortKey
from dbview.secrets import reveal_secrets
from dbview.source.numbers.groups import group
from dbview.source.numbers.statistics import column_statistics
from dbview.source.source import Source, open_source
from tests.dbview.database import Database, keys_of

SECRETS = ("alpha, one: 17", "beta: 2024-02-14, true", "***alpha")
OPEN = "shown-to-all"


@pytest.fixture(autouse=True)
def masked_again() -> Iterator[None]:
    """Mask secrets again after each test: the setting is the program's."""
    yield
    reveal_secrets(False)


def entry(number: int, secret: str) -> dict[str, Any]:
    """Return an entry that differs from the others in its secrets alone."""
    whole = json.dumps({"user": OPEN, "t\u00f6ken": 1, "api_key": secret, "n": [1, 2]}, separators=(",", ":"))
    return {
        "gen_cfg_id": 1,
        "exec_cfg_id": number,
        "timestamp": "2024-01-01 00:00:00",
        "result.task_status": "COMPLETED",
        "valid_flag": 1,
        "web.password": secret,
        "number_token": "17" if number == 1 else "18",
        "blob_key": secret.encode(),
        "conf": whole,
        "spaced": f"  {whole}",
        "cut": whole[: whole.index(secret) + len(secret)],
        "lines": f'{{"token": "{secret}"}}\n{whole}',
        "inner": json.dumps({"text": whole}),
        "result.summary": f"hits: 5;db password: {secret.replace(';', '')}",
        "result.payload": whole.encode(),
    }


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    database = Database(tmp_path_factory.mktemp("alike") / "lute.db")
    database.insert("gen_cfg", {"experiment": "e", "run": "1"})
    for secret in SECRETS:
        database.insert("exec_cfg", {"env": f"SLURM_JWT={secret};SLURM_JOB_ID=5"})
    texts = ("web.password", "number_token", "conf", "spaced", "cut", "lines", "inner")
    types = dict.fromkeys(texts, "TEXT") | {"blob_key": "BLOB"}
    database.task("Find", types, [entry(number, secret) for number, secret in enumerate(SECRETS, start=1)])
    database.connection.close()
    source = open_source(database.path)
    yield source
    source.close()


NAMES = (
    *("web.password", "number_token", "blob_key", "conf", "spaced", "cut", "lines", "inner"),
    *("summary", "payload", 'summary."db password"', "env.SLURM_JWT", "env.*", "summary.*", "exec_cfg.env", "*o*"),
)
EVERY = [1, 2, 3]
PIECES = [
    *SECRETS,
    "***",
    OPEN,
    "17",
    "user",
    "SLURM_JWT=",
    "hits: 5",
    '": ',
    ", ",
    "password: ",
    " true",
    "t\u00f6ken",
]


@st.composite
def operands(draw: st.DrawFn) -> str:
    """Return part of a secret, or of what stands around it, with or without wildcards, quoted or not."""
    piece = draw(st.sampled_from(PIECES))
    start = draw(st.integers(0, len(piece) - 1))
    text = piece[start : draw(st.integers(start + 1, len(piece)))]
    before, after = draw(st.sampled_from([("", ""), ("*", "*"), ("", "*"), ("*", ""), ("?" * 5, "*"), ("*", "???*")]))
    return draw(st.sampled_from([quote_literal(text), quote_literal(text), f"{before}{text}{after}"]))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES),
    st.sampled_from(["=", "!=", ":", "<", "<=", ">", ">=", "~", "!~"]),
    operands(),
)
def test_no_condition_tells_entries_apart_by_their_secrets(alike: Source, name: str, sign: str, operand: str) -> None:
    from dbview.errors import FilterError

    for filter in (f"{name}{sign}{operand}", operand, f"not {operand}"):
        try:
            found = keys_of(alike, "Find", filter)
        except FilterError:
            continue  # an operand that is no expression, or cannot stand without quotes
        assert sorted(found) in ([], EVERY), filter


@pytest.mark.parametrize("secret", SECRETS[:2])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "number_token"])
def test_what_is_shown_finds_and_a_secret_does_once_it_is_asked_for(alike: Source, name: str, secret: str) -> None:
    part = quote_literal(secret)
    assert keys_of(alike, "Find", f"{name}:{part}") == []
    assert keys_of(alike, "Find", f'{name}:"***"') == EVERY[::-1]
    assert keys_of(alike, "Find", f"{name}!=null") == EVERY[::-1]
    reveal_secrets()
    assert keys_of(alike, "Find", f"{name}:{part}") == [SECRETS.index(secret) + 1]
    assert keys_of(alike, "Find", part) == [SECRETS.index(secret) + 1]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_blobs_are_masked_in_a_database_of_any_encoding(
    encoding: str, tmp_path: Path, opened: Callable[[Path], Source]
) -> None:
    database = Database(tmp_path / "lute.db", encoding)
    secret = '{"password": "zzqbbb", "u": 1}'
    database.task("Find", {"blob": "BLOB"}, [{"blob": secret.encode(), "result.payload": secret.encode()}])
    database.connection.close()
    source = opened(database.path)
    pieces = {secret[start : start + 2].encode().decode(encoding) for start in (14, 16, 18)}
    for piece in pieces:
        for filter in (f"payload:{quote_literal(piece)}", f"blob=*{piece}*", quote_literal(piece)):
            assert keys_of(source, "Find", filter) == [], filter
    reveal_secrets()
    assert keys_of(source, "Find", f"payload:{quote_literal(max(pieces))}") == [1]


def test_what_stands_beside_a_secret_is_found_as_ever(alike: Source) -> None:
    for filter in (f"conf:{OPEN}", f"payload:{OPEN}", "summary:hits", "summary.hits=5", "env.SLURM_JOB_ID=5", OPEN):
        assert keys_of(alike, "Find", filter) == EVERY[::-1], filter
    assert keys_of(alike, "exec_cfg", "env:alpha") == []
    assert keys_of(alike, "exec_cfg", "env:SLURM_JOB_ID=5") == EVERY[::-1]


def test_an_empty_secret_and_one_that_is_null_are_told(database: Database, opened: Callable[[Path], Source]) -> None:
    database.task("Find", {"password": "TEXT"}, [{"password": value} for value in ("", None, "x", b"", 5)])
    source = opened(database.path)
    assert keys_of(source, "Find", 'password=""') == [4, 1]
    assert keys_of(source, "Find", "password=null") == [2]
    # The type of the column makes a text of the number.
    assert keys_of(source, "Find", 'password="***"') == [5, 3]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["web.password", "number_token", "blob_key", "env.SLURM_JWT", "exec_cfg.env"])
def test_no_order_tells_secrets_apart(alike: Source, name: str, descending: bool) -> None:
    assert keys_of(alike, "Find", "", SortKey(name, descending)) == EVERY[::-1]
    assert keys_of(alike, "Find", "valid=1", SortKey(name, descending)) == EVERY[::-1]


@pytest.mark.parametrize("name", ["web.password", "number_token", "blob_key"])
def test_neither_groups_nor_statistics_tell_how_many_secrets_there_are_nor_how_long(alike: Source, name: str) -> None:
    relation = alike.relation("Find")
    column = find_column(relation, name)
    reader = alike.reader()
    groups = group(reader, relation, "", [column], lambda _known: None, lambda: False)
    assert list(groups.counts) == [("***",)]
    found = column_statistics(reader, relation, "", column, lambda _known: None, lambda: False)
    reader.close()
    assert (found.distinct, found.frequent[0]) == (1, ("***", 3))
    assert found.texts is not None
    assert (found.texts.shortest, found.texts.longest, found.numbers) == (3, 3, None)
