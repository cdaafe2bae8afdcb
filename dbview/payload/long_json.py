"""Show JSON that is too long to be looked through for secrets as a whole: line by line, and say so."""

from __future__ import annotations

from dbview.payload.content import Content
from dbview.payload.document import Span
from dbview.payload.text_lines import TextLines
from dbview.secrets import masked_json

LONG_JSON = "JSON of more than 32 MiB: of secrets only those are masked whose name stands on the same line"


class LongJson(TextLines):
    """Lines of JSON. What is below a secret's name on another line, or found by a search, is not known for a secret."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.note = LONG_JSON

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return a line with the secrets masked that it names itself."""
        return super().spans(masked_json(line))
