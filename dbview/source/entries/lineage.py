"""Find what an entry was made from, and what was made from it, by equal paths: of files, across all Tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbview.errors import NotFound
from dbview.query.relation import Relation, RelationKind, Role
from dbview.query.view import EntryPlace
from dbview.source.entries.entry_paths import NamedPath, paths_of_entry
from dbview.source.entries.path_columns import Hit, PathName, Paths, find_paths, is_place_to_write, path_columns
from dbview.source.entries.record import Record, read_record
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled, Publisher
from dbview.values import Cell

_MOST_EXPANDED = 30
"""Entries of the first level whose own lineage is looked for."""

_MOST_PATHS = 200
_ROLES = (Role.STATUS, Role.VALID, Role.EXPERIMENT, Role.RUN, Role.TIME)


@dataclass(frozen=True)
class Link:
    """Another entry that made a file that one was given, or was given a file that one made.

    Attributes:
        place: The other entry.
        path: The file.
        column: The other's column that names it.
        is_made: True if the other made the file, False if it was given it.
        status: The other's, as its validity, experiment, run and time.
        is_later: True if it was recorded after the entry that it would have made the file for.
        beyond: Its own links in the same direction, as far as they are known; None while they are not looked for.
    """

    place: EntryPlace
    path: str
    column: str
    is_made: bool
    status: Cell
    valid: Cell
    experiment: Cell
    run: Cell
    time: Cell
    is_later: bool = False
    beyond: tuple[Link, ...] | None = None


@dataclass(frozen=True)
class Lineage:
    """What is known of where an entry comes from and where it led.

    Attributes:
        made_from: Entries that made what it was given: first those before it, the newest first.
        used_by: Entries that were given what it made, the newest first.
        scanned: Share of the entries of all Tasks that was looked at, 0 to 1.
        complete: True once all were.
        has_more: True if a Task has more such entries than are listed.
    """

    made_from: tuple[Link, ...] = ()
    used_by: tuple[Link, ...] = ()
    scanned: float = 0.0
    complete: bool = False
    has_more: bool = False


def find_lineage(
    reader: Reader,
    relations: Sequence[Relation],
    place: EntryPlace,
    database: Path,
    publish: Callable[[Lineage], None],
    cancelled: Cancelled,
) -> Lineage:
    """Find the entries that an entry is linked with by files, and those that these are linked with.

    Every Task is walked twice, once for each level, in steps that hold no writer up.

    Args:
        reader: Used by this call alone while it runs.
        relations: All of the source.
        place: The entry.
        database: The file.
        publish: Called a few times a second with what was found by then.
        cancelled: Asked between steps; what is known by then is returned.

    Raises:
        NotFound: There is no such entry.
    """
    search = _Search(reader, relations, database, publish, cancelled)
    return search.of(place)


class _Search:
    def __init__(
        self,
        reader: Reader,
        relations: Sequence[Relation],
        database: Path,
        publish: Callable[[Lineage], None],
        cancelled: Cancelled,
    ) -> None:
        self._reader = reader
        self._relations = relations
        self._database = database
        self._publish = publish
        self._cancelled = cancelled
        self._publisher = Publisher()
        self._paths = Paths(database)
        tasks = [relation for relation in relations if relation.kind is RelationKind.TASK]
        self._columns = [path_columns(reader, task) for task in tasks]
        self._known = Lineage()

    def of(self, place: EntryPlace) -> Lineage:
        record = self._record(place)
        given, made = self._named(record)
        time = record.role(Role.TIME)

        def known_by(links: Sequence[Link]) -> Lineage:
            return replace(
                self._known,
                made_from=_of_paths(links, given, place, time, is_made=True),
                used_by=_of_paths(links, made, place, time, is_made=False),
            )

        self._look({(path, True) for path in given} | {(path, False) for path in made}, 0, known_by)
        self._publish(self._known)
        self._go_on()
        is_complete = not self._cancelled()
        return replace(self._known, complete=is_complete, scanned=1.0 if is_complete else self._known.scanned)

    def _go_on(self) -> None:
        """Look for the links of the links."""
        above, below = self._known.made_from, self._known.used_by
        given = {link.place: self._named_by(link.place)[0] for link in above[:_MOST_EXPANDED]}
        made = {link.place: self._named_by(link.place)[1] for link in below[:_MOST_EXPANDED]}
        wanted = {(path, True) for paths in given.values() for path in paths} | {
            (path, False) for paths in made.values() for path in paths
        }

        def known_by(links: Sequence[Link]) -> Lineage:
            return replace(
                self._known,
                made_from=_gone_on(above, given, links, is_made=True),
                used_by=_gone_on(below, made, links, is_made=False),
            )

        self._look(wanted, 1, known_by)

    def _look(self, wanted: set[PathName], level: int, known_by: Callable[[Sequence[Link]], Lineage]) -> None:
        """Look in all Tasks for entries that name one of some paths, and tell what is known by those there are."""
        links: list[Link] = []
        for number, columns in enumerate(self._columns):

            def progress(
                share: float, hits: Sequence[Hit], number: int = number, task: Relation = columns.task
            ) -> None:
                self._known = replace(self._known, scanned=(level + (number + share) / len(self._columns)) / 2)
                if self._publisher.is_due():
                    self._publish(known_by([*links, *self._links(task, hits)]))

            hits, has_more = find_paths(
                self._reader, columns, self._paths, frozenset(wanted), progress, self._cancelled
            )
            self._known = replace(self._known, has_more=self._known.has_more or has_more)
            links.extend(self._links(columns.task, hits))
        self._known = known_by(links)

    def _record(self, place: EntryPlace) -> Record:
        relation = next(one for one in self._relations if one.name == place.relation)
        return read_record(self._reader, self._relations, relation, place.key).masked()

    def _named_by(self, place: EntryPlace) -> tuple[list[str], list[str]]:
        try:
            return self._named(self._record(place))
        except NotFound:  # removed since it was found
            return [], []

    def _named(self, record: Record) -> tuple[list[str], list[str]]:
        """Return the paths that an entry was given, and those that it made."""
        named = paths_of_entry(record, self._database)[:_MOST_PATHS]
        given = [self._known_as(one) for one in named if not one.is_made]
        made = [self._known_as(one) for one in named if one.is_made and not is_place_to_write(one.name)]
        return given, made

    def _known_as(self, one: NamedPath) -> str:
        return self._paths.known_as(one.located.place or one.path)

    def _links(self, task: Relation, hits: Sequence[Hit]) -> list[Link]:
        columns = [task.of_role(role) for role in _ROLES]
        read = [column for column in columns if column is not None]
        keys = list(dict.fromkeys(hit.key for hit in hits))
        rows = {row.key: dict(zip(read, row.cells, strict=True)) for row in self._reader.rows(task, read, keys)}
        links: list[Link] = []
        for hit in hits:
            if hit.key in rows:
                place = EntryPlace(task.name, hit.key)
                cells = (rows[hit.key].get(column) if column else None for column in columns)
                status, valid, experiment, run, time = cells
                links.append(Link(place, hit.path, hit.column, hit.is_made, status, valid, experiment, run, time))
        return links


def _gone_on(
    ones: Sequence[Link], named: Mapping[EntryPlace, Sequence[str]], links: Sequence[Link], *, is_made: bool
) -> tuple[Link, ...]:
    """Return links with their own in the same direction, those of which it is known which paths they name."""
    return tuple(
        replace(one, beyond=_of_paths(links, named[one.place], one.place, one.time, is_made=is_made))
        if one.place in named
        else one
        for one in ones
    )


def _of_paths(
    links: Iterable[Link], paths: Iterable[str], place: EntryPlace, time: Cell, *, is_made: bool
) -> tuple[Link, ...]:
    """Return the links of one entry in one direction: first those on the right side of its time, the newest first."""
    named = frozenset(paths)
    found: dict[EntryPlace, Link] = {}
    for link in links:
        if link.is_made is is_made and link.path in named and link.place != place:
            is_later = is_made and str(link.time) > str(time)
            found.setdefault(link.place, replace(link, is_later=is_later))
    newest = sorted(found.values(), key=lambda link: (str(link.time), link.place.key), reverse=True)
    return tuple(sorted(newest, key=lambda link: link.is_later))
