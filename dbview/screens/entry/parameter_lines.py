"""Lay parameters out as lines: first what differs from another entry, then the tree of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.cells import cell_len

from dbview.compare.around import Against
from dbview.compare.entries import Aspect
from dbview.payload.tree import tree_lines
from dbview.screens.sections import Section, name_width, named_line
from dbview.source.entries.record import Record
from dbview.text import cell_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line
from recorder.layout.flatten import Steps
from recorder.layout.tagged import tag_of

PARAMETER = "parameter:"
"""Begins the key of a line about a parameter; its name follows, visible."""

CHANGED = "changed:"
"""The same, for a parameter that differs."""

_WIDEST_OLD = 32
"""Cells of an old value that has the new one beside it; a longer one has it below."""

_MOST_NAMES = 6
"""Parameters that are named where nothing else is told of them."""


def parameter_section(
    record: Record, against: Against | None, is_looking: bool, shows_empty: bool, file: Callable[[str], str]
) -> Section:
    """Return the section on an entry's parameters.

    Args:
        record: The entry.
        against: What it is compared with, if anything.
        is_looking: True while that is not known yet.
        shows_empty: True to list the parameters that are NULL too, not just their number.
        file: Returns the words for a file in which a part is kept, by its name.
    """
    parameters = record.parameters
    empty = sum(value is None for value in parameters.values())
    note = f"{len(parameters) - empty} set, {empty} empty{'' if shows_empty or not empty else ' (a: show them)'}"
    if not parameters and not record.parameter_tree(with_nulls=True):
        return Section("Parameters", [Line((("   this entry has none", "dim"),))], note)
    lines: list[Line] = []
    tree = record.parameter_tree(with_nulls=shows_empty)
    if against is not None:
        lines += [_against_line(against), *difference_lines(against.parameters), Line()]
        # What the run's number alone makes another is told of by name: its value stands in the tree.
        for one in against.parameters.telling:
            tree = _without(tree, one.steps)
    elif is_looking:
        lines += [Line((("   looking for the entry before …", "dim"),)), Line()]
    return Section("Parameters", [*lines, *tree_section_lines(tree, file)], note)


def _against_line(against: Against) -> Line:
    count = len(against.parameters.differences)
    amount = "none differs" if not count else f"{count} differ{'s' * (count == 1)}"
    more = " or more" if against.parameters.has_more else ""
    only = ", only by run," if count and not against.parameters.telling else ""
    return Line(((f"   {amount}{more}{only} from {against.words}", ""), ("   d: against another", "dim")), indent=5)


def difference_lines(aspect: Aspect) -> list[Line]:
    """Return a line for each difference: old value, arrow, new value, by how much; one for all that are the run's."""
    rows = [(visible(one.name), aspect.texts(one), aspect.change_words(one)) for one in aspect.telling]
    names = name_width(name for name, _texts, _words in rows)
    short = [cell_len(texts[0]) for _name, texts, _words in rows if cell_len(texts[0]) <= _WIDEST_OLD]
    old_width = max(short, default=0)
    lines = [line for name, texts, words in rows for line in _difference(name, texts, words, names, old_width)]
    own = [visible(one.name) for one in aspect.differences[len(aspect.telling) :]]
    if own:
        more = f" and {len(own) - _MOST_NAMES:,} more" if len(own) > _MOST_NAMES else ""
        names_of_own = f"   {', '.join(own[:_MOST_NAMES])}{more}"
        lines.append(Line(((names_of_own, "name"), (": only the run's number", "dim")), indent=5))
    return lines


def _difference(name: str, texts: tuple[str, ...], words: str, width: int, old_width: int) -> list[Line]:
    old, new = texts[0], texts[-1]
    label, key, indent = pad(name, width) if cell_len(name) <= width else name, f"{CHANGED}{name}", width + 5
    change = ((f"   {words}", "dim"),) if words else ()
    start = ((" ~ ", "late"), (label, "name"))
    if cell_len(old) <= _WIDEST_OLD:
        return [Line((*start, (f"  {pad(old, old_width)}", "dim"), ("  →  ", "dim"), (new, ""), *change), key, indent)]
    return [
        Line((*start, (f"  {old}", "dim")), key, indent),
        Line(((f"{' ' * indent}→  ", "dim"), (new, ""), *change), key, indent + 3),
    ]


def tree_section_lines(tree: dict[str, Any], file: Callable[[str], str]) -> list[Line]:
    """Return the lines of a tree of parameters; each leaf has the key of its parameter."""
    items = list(tree_lines(tree, cell_text, file))
    labels = [f"{'  ' * item.depth}{item.name}" for item in items]
    width = name_width(labels)
    lines, path = [], [""]
    for item, label in zip(items, labels, strict=True):
        above = path[item.depth]
        name = f"{above}{item.name}" if item.name.startswith("[") or not above else f"{above}.{item.name}"
        path[item.depth + 1 :] = [name]
        if item.is_leaf:
            lines.append(named_line(label, item.value, width, f"{PARAMETER}{name}"))
        else:
            lines.append(Line(((f"   {label}", "name"),)))
    return lines


def _without(tree: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Return a tree without the leaf at these steps; as it is where they lead through a list, which stays whole."""
    step, rest = (steps[0], steps[1:]) if steps else ("", ())
    if not isinstance(step, str) or step not in tree or tag_of(tree):
        return tree
    below = tree[step]
    if not rest:
        return {name: value for name, value in tree.items() if name != step}
    if not isinstance(below, dict):
        return tree
    left = _without(below, rest)
    return {name: left if name == step else value for name, value in tree.items() if name != step or left}


def good_lines(good: Against | None) -> list[Line]:
    """Return how an entry that did not complete differs from a good one, if there is one."""
    if good is None:
        return []
    if not good.parameters.differences:
        return [Line(((f"   no parameter differs from {good.words}", ""),), indent=5)]
    return [Line(((f"   it differs from {good.words}:", ""),), indent=5), *difference_lines(good.parameters)]
