"""Name the columns of new parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recorder.layout.flatten import spell
from recorder.layout.tables import fold


def spelled(parameters: Mapping[str, str], taken: Iterable[str], room: int) -> dict[str, str]:
    """Return column types by column name for the first parameters that there is room for."""
    columns: dict[str, str] = {}
    folded = {fold(other) for other in taken}
    for name, declared in list(parameters.items())[: max(room, 0)]:
        column = spell(name, folded)
        columns[column] = declared
        folded.add(fold(column))
    return columns
