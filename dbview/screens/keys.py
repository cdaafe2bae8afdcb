"""Know every key of the program by the id of what it does, and take those that a person wants instead.

The keys themselves stand where they work, in the ``BINDINGS`` of screens and widgets. An id is ``place.action``; what
is alike in several places has the same id in all of them.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys
from textual.widgets import Input

import dbview.screens
import dbview.widgets
from dbview.text import visible
from dbview.widgets.key_line import character_of, key_name

_SHARED = frozenset({"app", "move", "entries", "copy", "parameter"})
"""Places whose keys work on several screens."""

_BARS = frozenset({"filter", "find", "search", "ask"})
"""Places in which one types: the keys of others do not work there."""

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED_KEYS = frozenset(key.value for key in Keys)


@dataclass
class Key:
    """What is known of an id.

    Attributes:
        keys: The keys as Textual names them, in the order met.
        words: What they do, in each place that has words of its own for it.
    """

    keys: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def owners(app: type[App[None]]) -> Iterator[type[DOMNode]]:
    """Yield the application, and each screen and widget of the program that has keys."""
    yield app
    for package in (dbview.screens, dbview.widgets):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for owner in vars(module).values():
                if isinstance(owner, type) and issubclass(owner, DOMNode) and owner.__module__ == found.name:
                    yield owner


def own_bindings(owner: type[DOMNode]) -> list[Binding]:
    """Return the bindings that a class states itself; those of Textual that it only has act sooner are Textual's."""
    of_textual = {(binding.key, binding.action) for binding in Input.BINDINGS if isinstance(binding, Binding)}
    stated = [binding for binding in vars(owner).get("BINDINGS", ()) if isinstance(binding, Binding)]
    return [binding for binding in stated if binding.id or (binding.key, binding.action) not in of_textual]


def known_keys(app: type[App[None]]) -> dict[str, Key]:
    """Return all keys of the program by their ids. Every screen is loaded for it."""
    known: dict[str, Key] = {}
    for owner in owners(app):
        for binding in own_bindings(owner):
            key = known.setdefault(binding.id or "", Key())
            for listed, new in ((key.keys, binding.key.split(",")), (key.words, [binding.tooltip])):
                listed += [item for item in new if item not in listed]
    return dict(sorted(known.items()))


def usable_keys(wanted: Mapping[str, str], known: Mapping[str, Key]) -> tuple[dict[str, str], list[str]]:
    """Return the keys that can be used of those that a person wants, and what is wrong with the others.

    Args:
        wanted: Keys, joined by commas, by id.
        known: What :func:`known_keys` found.
    """
    usable: dict[str, list[str]] = {}
    wrong: list[str] = []
    for name, text in wanted.items():
        keys = [_full_name(key.strip()) for key in text.split(",")]
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            wrong.append(f"there is no {visible(name)}{f' (is {near[0]} meant?)' if near else ''}")
        elif no_keys := [key for key in keys if not _is_key(key)]:
            wrong.append(f'{name}: there is no key "{visible(no_keys[0])}"')
        else:
            usable[name] = keys
    while clash := next(_clashes(usable, known), None):
        name, other, key = clash
        usable.pop(name, None)
        usable.pop(other, None)
        wrong.append(f"{name} and {other} would both be {key_name(key)}; both stay as they were")
    return {name: ",".join(keys) for name, keys in usable.items()}, wrong


def keymap(wanted: Mapping[str, str], app: type[App[None]], known: Mapping[str, Key]) -> dict[str, str]:
    """Return wanted keys by id for Textual, with those that must be said to stay as they are.

    Where one of several ids that share a key gets another, Textual takes the shared one away from all of them.

    Args:
        wanted: Keys that can be used, joined by commas, by id.
        app: The application.
        known: What :func:`known_keys` found.
    """
    places = [
        [binding for base in owner.__mro__ for binding in own_bindings(base) if binding.id] for owner in owners(app)
    ]
    keys, left = dict(wanted), list(wanted)
    while left:
        name = left.pop()
        for bindings in places:
            lost = {key for binding in bindings if binding.id == name for key in binding.key.split(",")}
            sharing = [str(one.id) for one in bindings if one.id not in keys and lost & set(one.key.split(","))]
            keys |= {other: ",".join(known[other].keys) for other in sharing}
            left += sharing
    return keys


def _clashes(usable: Mapping[str, list[str]], known: Mapping[str, Key]) -> Iterator[tuple[str, str, str]]:
    for name, keys in usable.items():
        for other, default in known.items():
            common = [key for key in keys if key in usable.get(other, default.keys)]
            # What shares a key from the first is never there at the same time.
            is_usual = not set(known[name].keys).isdisjoint(default.keys)
            if other != name and common and not is_usual and _meet(name, other):
                yield name, other, common[0]


def _meet(name: str, other: str) -> bool:
    """Tell whether two ids may be of keys that work at the same time."""
    places = {name.partition(".")[0], other.partition(".")[0]}
    return len(places) == 1 or bool(places & _SHARED and not places & _BARS)


def _full_name(key: str) -> str:
    """Return a key as Textual names it: ``question_mark`` for ``?``."""
    if len(key) != 1 or key.isalnum():
        return key
    (binding,) = Binding.make_bindings([Binding(key, "")])
    return binding.key


def _is_key(key: str) -> bool:
    *modifiers, name = key.split("+")
    is_name = name in _NAMED_KEYS or character_of(name) is not None
    return key in _NAMED_KEYS or (is_name and _MODIFIERS.issuperset(modifiers))
