"""Find which run a header names, once for all Tasks whose entries share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbview.query.relation import Join, Relation, Role
from dbview.source.entries.runs import Run, comparable_run
from dbview.source.reader import Reader
from dbview.values import Cell

_HEADERS_KEPT = 200_000


class RunsOfHeaders:
    """The runs that headers name; each is spelled as where it was found first."""

    def __init__(self) -> None:
        self._spelled: dict[tuple[Cell, Cell], Run] = {}
        # By the header's key, for each way that leads from Tasks to their headers: it is the same for almost all.
        self._known: dict[tuple[Join | None, Join | None], dict[Cell, Run]] = {}

    def forget(self) -> None:
        """Look up all headers anew from now on: rows may have come, or be others."""
        self._known.clear()

    def of(self, reader: Reader, task: Relation, headers: Iterable[Cell]) -> Mapping[Cell, Run]:
        """Return the run that each of some headers names, and maybe those of others.

        Args:
            reader: Used by this call alone while it runs.
            task: Whose entries have these headers.
            headers: Keys of headers; what is none leads to no run.
        """
        ways = _way(task, Role.EXPERIMENT), _way(task, Role.RUN)
        known = self._known.setdefault(ways, {})
        unknown = [header for header in headers if header not in known]
        if len(known) + len(unknown) > _HEADERS_KEPT:
            # Those of this call are wanted all the same.
            known = self._known[ways] = {header: known[header] for header in headers if header in known}
        experiments, runs = ({} if way is None else reader.shared_cells(way, unknown) for way in ways)
        for header in unknown:
            experiment, run = experiments.get(header), runs.get(header)
            known[header] = self._spelled.setdefault((experiment, comparable_run(run)), Run(experiment, run))
        return known


def _way(task: Relation, role: Role) -> Join | None:
    column = task.of_role(role)
    return column.via if column else None
