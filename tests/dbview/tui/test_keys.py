"""Every key has an id and words, can be changed by the person, and stands on the page of keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from textual.binding import BindingsMap
from textual.dom import DOMNode

from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.screens.keys import Key, keymap, known_keys, own_bindings, owners, usable_keys
from dbview.settings import KEYS_FILE, Settings
from docs.keys import PAGE, page
from tests.dbview.database import Database

from .conftest import Look
from .test_entry import whole
from .test_palette import offered

KNOWN = known_keys(DbviewApp)


@pytest.mark.parametrize("owner", [owner for owner in owners(DbviewApp) if own_bindings(owner)])
def test_every_key_is_plain_has_an_id_and_says_what_it_does(owner: type[DOMNode]) -> None:
    for binding in own_bindings(owner):
        assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", binding.id or ""), binding
        assert binding.description
        assert binding.tooltip.endswith(".")
        for key in binding.key.split(","):
            # Function keys and those with Alt do not come through every terminal.
            assert not re.fullmatch(r"f\d+|(alt|super|hyper|meta)\+.*|ctrl\+shift\+.*", key), binding


def test_what_does_something_else_has_another_id() -> None:
    for owner in owners(DbviewApp):
        actions: dict[str, set[str]] = {}
        for binding in own_bindings(owner):
            actions.setdefault(str(binding.id), set()).add(binding.action)
        assert all(len(found) == 1 for found in actions.values()), (owner, actions)


def test_the_page_of_keys_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: make keys"


def test_the_example_in_the_settings_is_one() -> None:
    usable, wrong = usable_keys({"table.filter": "slash,f3"}, KNOWN)
    assert (usable, wrong) == ({"table.filter": "slash,f3"}, [])


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"table.fliter": "x"}, "there is no table.fliter (is table.filter meant?)"),
        ({"\x1b[2J": "x"}, "there is no"),
        ({"table.group": "ctrl-x"}, 'table.group: there is no key "ctrl-x"'),
        ({"table.group": ""}, 'table.group: there is no key ""'),
        ({"table.group": "x,shlash"}, 'table.group: there is no key "shlash"'),
        ({"table.group": "c"}, "table.group and entries.compare would both be c; both stay as they were"),
        ({"table.group": "?"}, "table.group and app.help would both be ?; both stay as they were"),
        ({"table.group": "X", "table.mark": "X"}, "there is no table.mark (is"),
        ({"table.group": "X", "table.filter": "X"}, "table.group and table.filter would both be X"),
    ],
)
def test_keys_that_cannot_be_are_told_of_in_words(wanted: dict[str, str], words: str) -> None:
    usable, wrong = usable_keys(wanted, KNOWN)
    assert any(words in line for line in wrong), wrong
    assert "\x1b" not in "".join(wrong)
    assert set(usable) <= {name for name in wanted if name in KNOWN and wanted[name] == "X" and "no table" in words}


def test_keys_can_change_places() -> None:
    known = {"table.one": Key(["x"], ["One."]), "table.two": Key(["y"], ["Two."])}
    assert usable_keys({"table.one": "y", "table.two": "x"}, known) == ({"table.one": "y", "table.two": "x"}, [])


async def test_a_persons_own_keys_work_and_are_shown(database: Database, look: Look, tmp_path: Path) -> None:
    database.task("Task", {}, [{}])
    (tmp_path / KEYS_FILE).write_text(json.dumps({"table.go-to": "ctrl+g", "move.down": "down,ctrl+n"}))
    async with look(database.path, View("Task"), settings=Settings(tmp_path), size=(140, 30)) as viewer:
        await viewer.until_shown("1 entry", "Ctrl-G go to id")
        await viewer.press("question_mark")
        await viewer.until_shown("Keys, symbols and filters")
        assert re.search(r"Ctrl-G\s+Go to the row with an id", whole(viewer))
        await viewer.press("escape")
        await viewer.until_shown("1 entry")
        await viewer.press("ctrl+p")
        await viewer.until_shown("Go to id  Ctrl-G")
        await viewer.press("escape")
        await viewer.until_shown("1 entry")
        await viewer.press("g")
        await viewer.press("ctrl+g")
        await viewer.until_shown("go to")
        await viewer.type("7")
        await viewer.press("enter")
        await viewer.until_shown("no id 7")


async def test_what_shares_a_key_keeps_it_when_the_other_gets_one_of_its_own(
    database: Database, look: Look, tmp_path: Path
) -> None:
    database.execute("CREATE TABLE beam(id INTEGER PRIMARY KEY)")
    database.execute("CREATE TABLE mask(id INTEGER PRIMARY KEY)")
    (tmp_path / KEYS_FILE).write_text(json.dumps({"app.back": "backspace"}))
    async with look(database.path, settings=Settings(tmp_path)) as viewer:
        await viewer.until_shown("beam", "mask")
        await viewer.press("slash")
        await viewer.type("mask")
        await viewer.until(lambda: "beam" not in viewer.text)
        await viewer.press("enter")
        await viewer.until_shown("› mask")
        await viewer.press("backspace")
        await viewer.until_shown("Esc show all")
        await viewer.press("escape")
        await viewer.until_shown("beam", "mask")


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_no_key_is_lost_when_another_one_is_changed(name: str) -> None:
    keys = keymap({name: "f5"}, DbviewApp, KNOWN)
    for owner in owners(DbviewApp):
        bindings = [one for base in owner.__mro__ for one in own_bindings(base) if one.id]
        made = BindingsMap(bindings)
        made.apply_keymap(keys)
        kept = {one.id for ones in made.key_to_bindings.values() for one in ones}
        assert kept == {one.id for one in bindings}, owner


async def test_keys_that_cannot_be_are_told_of_with_their_file(database: Database, look: Look, tmp_path: Path) -> None:
    database.task("Task", {}, [{}])
    (tmp_path / KEYS_FILE).write_text(json.dumps({"table.gate": "x", "table.group": "B"}))
    async with look(database.path, View("Task"), settings=Settings(tmp_path), size=(160, 30)) as viewer:
        await viewer.until(lambda: f"{KEYS_FILE}:thereisnotable.gate" in viewer.said)
        await viewer.until_shown("B group by")


async def test_the_palette_has_every_action_of_the_screen(database: Database, look: Look) -> None:
    database.task("Task", {"beam": "TEXT"}, [{"beam": "on"}])
    async with look(database.path, View("Task"), size=(100, 60)) as viewer:
        await viewer.until_shown("1 entry")
        described = {
            (entry.binding.description, entry.binding.tooltip)
            for entry in viewer.app.screen.active_bindings.values()
            if entry.binding.tooltip and entry.binding.id != "app.commands"
        }
        commands = {(command.title, command.help) for command in viewer.app.get_system_commands(viewer.app.screen)}
        for name, words in described:
            assert any(title.lower().startswith(f"{name} ") and told == words for title, told in commands), name
        await viewer.press("ctrl+p")
        await viewer.type("only this")
        await viewer.until(lambda: offered(viewer) == ["Only this  ="])
        await viewer.press("enter")
        await viewer.until_shown("1 of 1")
