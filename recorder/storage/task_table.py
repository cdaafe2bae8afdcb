"""Know which column of a Task's table holds which parameter."""

from __future__ import annotations

from dataclasses import dataclass, field

from recorder.errors import UnknownParameter
from recorder.layout import tables
from recorder.layout.flatten import unspell
from recorder.layout.tables import fold
from recorder.storage.hints import hint


@dataclass
class TaskTable:
    """A Task's table.

    Attributes:
        columns: Every column that can be written, in order.
        taken: Names that no new column may have.
        parameters: Columns of the parameters by flat name.
    """

    name: str
    columns: list[str]
    taken: list[str]
    parameters: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        own = [column for column in self.columns if fold(column) not in tables.FIXED_COLUMNS]
        # A name that stands as it is goes before a marked spelling of it, which then only a stranger can have made.
        own.sort(key=lambda column: unspell(column) != column)
        self.parameters = {}
        for column in own:
            self.parameters.setdefault(unspell(column), column)

    def column_of(self, name: str, task: str) -> str | None:
        """Return the column that holds a parameter, or a fixed column of that name; None if the surplus may hold it.

        Raises:
            UnknownParameter: No entry of the Task has it.
        """
        if name in self.parameters:
            return self.parameters[name]
        if name in self.columns:
            return name
        if name in tables.SHORT_NAMES:
            return tables.SHORT_NAMES[name]
        if tables.SURPLUS in self.columns:
            return None
        raise UnknownParameter(f"Task {task!r} has no parameter {name!r}{hint(name, self.parameters)}")
