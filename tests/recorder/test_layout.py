"""Whatever is stored comes back: names, tagged JSON, side text, hashes, environments, cells."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recorder.layout.flatten import flatten, spell, spell_table, unflatten, unspell
from recorder.layout.side_text import read_side_text, side_text, side_text_and_hash
from recorder.layout.tables import FIXED_COLUMNS, fold, is_reserved_table, quote
from recorder.layout.tagged import (
    canonical_hash,
    canonical_json,
    from_json_value,
    to_json_value,
)
from recorder.layout.texts import env_text, env_variables, is_secret
from recorder.layout.values import as_column, column_type, to_stored
from tests.recorder.strategies import awkward_names, parameters, stored_values, texts, values


def same(left: Any, right: Any) -> bool:
    """Compare so that NaN is NaN, -0.0 is not 0.0, and True is not 1."""
    return canonical_json(to_json_value(left)) == canonical_json(to_json_value(right))


@given(values)
def test_a_value_comes_back_from_tagged_json(value: Any) -> None:
    text = json.dumps(to_json_value(value), allow_nan=False)
    assert same(from_json_value(json.loads(text)), value)


@given(values)
def test_side_text_is_plain_ascii_without_a_bracket_and_comes_back(value: Any) -> None:
    tree = to_json_value(value)
    text = side_text(tree)
    assert text.isascii()
    assert "[" not in text
    assert read_side_text(text) == tree


@given(
    st.one_of(
        parameters, st.dictionaries(texts, st.one_of(st.floats(), st.integers(), texts, st.none(), st.booleans()))
    )
)
def test_side_text_and_hash_are_the_same_when_they_are_made_at_once(tree: dict[str, Any]) -> None:
    tagged = to_json_value(tree)
    assert side_text_and_hash(tagged) == (side_text(tagged), canonical_hash(tagged))


@pytest.mark.parametrize("text", ["", "{", '{"$list":{"1":2}}', '{"$list":3}'])
def test_side_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_side_text(text)


@pytest.mark.parametrize("tree", [{"$new": 1}, {"$bytes": 3}, {"$float": "x"}, {"$uuid": None}, {"$complex": []}])
def test_tagged_json_that_cannot_be_read_is_refused(tree: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json_value(tree)


class Hostile:
    """Everything one may do to it raises."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    tolist = property(__str__)


def test_a_strangers_object_never_raises() -> None:
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    deep: Any = -(10**5000)
    for _ in range(5000):
        deep = [deep]
    tree = to_json_value({"hostile": Hostile(), "cyclic": cyclic, "deep": deep, "lambda": len, "class": int})
    assert tree["hostile"]["type"].endswith("Hostile")
    assert tree["cyclic"] == [{"$object": "[[...]]", "type": "builtins.list"}]
    assert read_side_text(side_text(tree)) == tree


@given(st.dictionaries(st.from_regex("[a-z_]{1,5}", fullmatch=True), st.recursive(st.integers(), st.lists), max_size=5))
def test_nested_parameters_come_back_from_their_columns(tree: dict[str, Any]) -> None:
    def without_empty(node: Any) -> bool:
        return not isinstance(node, list | dict) or (len(node) > 0 and all(map(without_empty, node)))

    if all(map(without_empty, tree.values())):
        assert unflatten(flatten(tree).items()) == tree


@given(parameters)
def test_every_leaf_has_a_name_of_its_own(tree: dict[str, Any]) -> None:
    def count(node: Any) -> int:
        if isinstance(node, dict):
            return sum(map(count, node.values()))
        return sum(map(count, node)) if isinstance(node, list | tuple) else 1

    leaves = flatten(to_json_value(tree))
    # Keys that differ only in type (1 and "1") meet in one flat name, and are still both there.
    assert len(leaves) == count(tree)


def test_names_that_meet_are_kept_apart() -> None:
    assert flatten({"a.b": 1, "a": {"b": 2}}) == {"a.b": 1, "a.b~1": 2}
    assert unflatten([("x", 1), ("x[0]", 2)]) == {"x": 1, "x[0]": 2}
    assert unflatten([("x[2]", 1)]) == {"x": [None, None, 1]}
    assert unflatten([("x[999999999]", 1)]) == {"x[999999999]": 1}


@given(st.lists(awkward_names, max_size=8, unique=True))
def test_columns_are_spelled_apart_and_reversibly(names: list[str]) -> None:
    columns: list[str] = []
    for name in names:
        columns.append(spell(name, set(map(fold, columns))))
    assert [unspell(column) for column in columns] == names
    assert len({fold(column) for column in columns} - FIXED_COLUMNS) == len(names)
    fixed = ", ".join(map(quote, sorted(FIXED_COLUMNS)))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t({', '.join([fixed, *map(quote, columns)])})")
        found = [row[1] for row in connection.execute("PRAGMA table_info(t)")]
    assert found[len(FIXED_COLUMNS) :] == columns


@given(st.lists(st.one_of(awkward_names, st.sampled_from(["gen_cfg", "Exec_Cfg", "SQLITE_x", "_rec_x"])), unique=True))
def test_tables_are_spelled_apart_and_reversibly(tasks: list[str]) -> None:
    made: list[str] = []
    with closing(sqlite3.connect(":memory:")) as connection:
        for task in tasks:
            made.append(spell_table(task, set(map(fold, made))))
            connection.execute(f"CREATE TABLE {quote(made[-1])}(x)")
            assert not is_reserved_table(made[-1])
    assert [unspell(table) for table in made] == tasks


def test_usual_names_stand_as_they_are() -> None:
    for name in (
        "n_events",
        "compression.abs_error",
        "pressio_opts.pressio:abs",
        "dx[0]",
        "Order",
        "My-Task",
        "select",
    ):
        assert spell(name) == name
        assert spell_table(name) == name
    assert spell("ID") == "ID~1"
    assert spell_table("sqlite_x") == "~u0073qlite_x"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1.0}),
        ({"x": 0.0}, {"x": -0.0}),
        ({"x": 10**22}, {"x": 1e22}),
        ({"x": math.nan}, {"x": -math.nan}),
        ({"x": (1, 2)}, {"x": [1, 2]}),
        ({1: "a", 2: "b"}, {2: "b", 1: "a"}),
        ({"x": {1, 2}}, {"x": {2, 1}}),
    ],
)
def test_equal_parameters_have_one_hash(left: Any, right: Any) -> None:
    assert canonical_hash(to_json_value(left)) == canonical_hash(to_json_value(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"x": 1}, {"x": True}),
        ({"x": 1}, {"x": "1"}),
        ({"x": None}, {}),
        ({"x": math.inf}, {"x": -math.inf}),
        ({"x": 2**53}, {"x": 2**53 + 1}),
        ({"x": []}, {"x": {}}),
        ({"1": 0}, {1: 0}),
        ({"$items": None}, {"$items": b""}),
        ({"$items": [[1, 2]]}, {1: 2}),
        ({"$dict": 1}, {"$dict": {"$x": 1}}),
    ],
)
def test_different_parameters_have_different_hashes(left: Any, right: Any) -> None:
    assert canonical_hash(to_json_value(left)) != canonical_hash(to_json_value(right))


@given(parameters)
def test_every_hash_is_tagged_and_stable_under_order(tree: dict[str, Any]) -> None:
    backwards = dict(reversed(tree.items()))
    digest = canonical_hash(to_json_value(tree))
    assert digest.startswith("sha256-1:")
    assert canonical_hash(to_json_value(backwards)) == digest


@given(values)
def test_every_leaf_fits_into_a_cell(value: Any) -> None:
    for leaf in flatten({"x": to_json_value(value)}).values():
        stored = to_stored(leaf)
        with closing(sqlite3.connect(":memory:")) as connection:
            assert same(connection.execute("SELECT ?", (stored,)).fetchone()[0], stored)
        assert column_type(leaf) in {"INTEGER", "REAL", "TEXT", "BLOB"}


@example(-0.0, "REAL")
@example(-0.0, "BLOB")
@given(stored_values, st.sampled_from(["INTEGER", "REAL", "TEXT", "BLOB"]))
def test_a_columns_affinity_is_known_beforehand(value: Any, declared: str) -> None:
    """What we say a column will hold is what it holds; else equal shared rows would not be found."""
    expected = as_column(value, declared)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t(x {declared})")
        connection.execute("INSERT INTO t VALUES (?)", (expected,))
        assert same(connection.execute("SELECT x FROM t").fetchone()[0], expected)
        if not isinstance(value, float):
            connection.execute("UPDATE t SET x = ?", (value,))
            assert connection.execute("SELECT x FROM t").fetchone()[0] == pytest.approx(expected)


@given(st.dictionaries(st.from_regex("(SLURM|LUTE)_[A-Z_]{1,8}", fullmatch=True), texts.filter(lambda t: ";" not in t)))
def test_an_environment_comes_back_but_for_secrets(environment: dict[str, str]) -> None:
    found = env_variables(env_text(environment))
    assert found.keys() == {name for name in environment if "_TENV_" not in name or "SLURM_" in name}
    assert all(found[name] in (environment[name], "***") for name in found)


def test_an_environment_keeps_semicolons_and_hides_secrets() -> None:
    text = env_text(
        {
            "LUTE_A": "x;y;z",
            "SLURM_JWT": "s1",
            "MY_LUTE_TOKEN": "s2",
            "HOME": "/h",
            "LUTE_TENV_B": "b",
            "LUTE_API_KEY": "s",
        }
    )
    assert text == "LUTE_A=x;y;z;SLURM_JWT=***;MY_LUTE_TOKEN=***;LUTE_API_KEY=***"
    assert env_variables(text)["LUTE_A"] == "x;y;z"


@pytest.mark.parametrize(
    "name",
    [
        "LUTE_API_KEY",
        "SLURM_JWT",
        "dbPassword",
        "passwordFile",
        "PGPASSWORD",
        "MYSQL_PASSWD",
        "AUTHTOKEN",
        "APIKeyFile",
        "PASSWORD2",
        "key",
        "access-token",
        "Credentials",
        "clientSecret",
        "LUTE_KEYS",
    ],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["LUTE_KEYFRAME", "LUTE_MONKEY", "keyframe", "KEYframe", "tokenizer", "HOTKEY", "PWD", "secretary", "KEYED", ""],
)
def test_what_only_looks_like_a_secret_is_none(name: str) -> None:
    assert not is_secret(name)


def test_words_of_ones_own_are_whole_words() -> None:
    assert is_secret("beamPin", {"pin"})
    assert not is_secret("spin", {"pin"})
    assert is_secret("PGPASSWORD", {"pin"})
