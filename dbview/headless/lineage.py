"""``dbview lineage``: what an entry was made from, and what was made from it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from dbview.errors import UsageError
from dbview.headless.cells import exact_value, json_text, plain_value
from dbview.headless.formats import LINES, NULL_SEPARATED, write_rows
from dbview.headless.query import WHOLE_VALUES
from dbview.query.relation import RelationKind
from dbview.query.view import EntryPlace
from dbview.source.entries.lineage import Lineage, Link, find_lineage
from dbview.source.source import Source
from dbview.text import cell_text, visible
from dbview.values import Cell


def lineage(source: Source, table: str, key: int, form: str, out: TextIO) -> bool:
    """Write the entries that an entry is linked with by files, two levels both ways; return whether there are any.

    Args:
        source: The file.
        table: The Task's name.
        key: The entry's id.
        form: One of its formats.
        out: Where to write.

    Raises:
        UsageError: The table is not that of a Task.
        NotFound: There is no such table or entry.
    """
    relation = source.relation(table)
    if relation.kind is not RelationKind.TASK:
        raise UsageError(f"{visible(relation.name)} is no Task: its rows are made from nothing.")
    place = EntryPlace(relation.name, key)
    with contextlib.closing(source.reader(WHOLE_VALUES)) as reader:
        known = find_lineage(reader, source.relations(), place, source.path, lambda _known: None, lambda: False)
    if form == "json":
        out.write(json_text(_object(place, known), indent=2) + "\n")
    elif form in (LINES, NULL_SEPARATED):
        write_rows(form, out, (), _rows(known), plain_value)
    else:
        for line in _lines(place, known):
            out.write(line.rstrip() + "\n")
    return bool(known.made_from or known.used_by)


def _rows(known: Lineage) -> Iterator[list[Cell]]:
    """Yield a row for each entry that is linked directly: which way, its Task and id, the path that both name."""
    for direction, links in (("made_from", known.made_from), ("used_by", known.used_by)):
        for link in links:
            yield [direction, link.place.relation, link.place.key, link.path]


def _object(place: EntryPlace, known: Lineage) -> dict[str, Any]:
    return {"table": place.relation, "id": place.key, **links_object(known)}


def links_object(known: Lineage) -> dict[str, Any]:
    """Return the links of an entry both ways, and whether that is all."""
    return {
        "made_from": [_link_object(link, "made_from") for link in known.made_from],
        "used_by": [_link_object(link, "used_by") for link in known.used_by],
        "complete": known.complete and not known.has_more,
    }


def _link_object(link: Link, direction: str) -> dict[str, Any]:
    """Return a link; its own links are null where they were not looked for."""
    shown: dict[str, Any] = {
        "table": link.place.relation,
        "id": link.place.key,
        "path": link.path,
        "parameter": link.column,
        "status": exact_value(link.status),
        "valid": exact_value(link.valid),
        "experiment": exact_value(link.experiment),
        "run": exact_value(link.run),
        "time": exact_value(link.time),
        "later": link.is_later,
    }
    if link.beyond is not None:
        shown[direction] = [_link_object(one, direction) for one in link.beyond]
    return shown


def _lines(place: EntryPlace, known: Lineage) -> Iterator[str]:
    yield f"{visible(place.relation)} #{place.key}"
    for title, links in (("made from", known.made_from), ("used by", known.used_by)):
        yield ""
        yield title if links else f"{title}: nothing recorded"
        yield from _link_lines(links, 1)
    if known.has_more:
        yield ""
        yield "… (a Task has more such entries: these are the newest)"


def _link_lines(links: Sequence[Link], depth: int) -> Iterator[str]:
    for link in links:
        facts = [
            f"{visible(link.place.relation)} #{link.place.key}",
            cell_text(link.status),
            f"run {cell_text(link.run)}",
        ]
        facts += ["recorded later"] if link.is_later else []
        yield f"{'  ' * depth}{' · '.join(facts)}  {visible(link.path)}"
        yield from _link_lines(link.beyond or (), depth + 1)
