"""Name the columns of new parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recorder.layout.flatten import spell
from recorder.layout.tables import fold


def spelled(parameters: Mapping[str, str], taken: Iterable[str], room: int) -> dict[str, str]:
    """Return column types by column name for the first parameters that there is room for."""
    columns: dict[str, str] = {}
    others = list(taken)
    folded = {fold(other) for other in others}
    for name, declared in list(parameters.items())[: max(room, 0)]:
        column = spell(name)
        if fold(column) in folded:
            column = spell(name, others)
        columns[column] = declared
        others.append(column)
        folded.add(fold(column))
    return columns
