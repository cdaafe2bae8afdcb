"""Show Markdown and HTML as readable text. No link is followed and nothing is loaded."""

from __future__ import annotations

import io
from html.parser import HTMLParser

from dbview.payload.content import Content
from dbview.payload.document import ListDocument, Span
from dbview.text import decode_escaped, visible, visible_lines

MARKUP_LIMIT = 512 * 1024
"""Bytes of markup that are read as such; of longer ones the source is shown."""

_BLOCKS = frozenset(
    {"p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "pre", "blockquote", "section", "article"}
    | {"header", "footer", "main", "form", "h1", "h2", "h3", "h4", "h5", "h6", "title", "hr", "br", "figure", "body"}
)
_HEADINGS = frozenset({"title", "h1", "h2", "h3", "h4", "h5", "h6"})
_LONGEST_ADDRESS = 200
"""Characters of a link's address that are written out: some hold a whole image."""

_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg"})


class MarkdownDocument(ListDocument):
    """Markdown, laid out for the width there is."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        text = decode_escaped(content.read(0, MARKUP_LIMIT))
        self._text = "\n".join(visible_lines(text))

    def fit(self, width: int, height: int) -> None:
        """Lay it out anew."""
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(file=io.StringIO(), width=max(20, width - 2), color_system=None, legacy_windows=False)
        # The address behind a link's text is written out: a link that can be clicked could lead anywhere.
        lines = console.render_lines(Markdown(self._text, hyperlinks=False), pad=False)
        self.show([((" ", ""), *((part.text, part.style or "") for part in line)) for line in lines])


class HtmlDocument(ListDocument):
    """The text of HTML: headings, lists, cells of tables; scripts and styles are left out."""

    wraps = True

    def __init__(self, content: Content) -> None:
        reader = _TextOfHtml()
        reader.feed(decode_escaped(content.read(0, MARKUP_LIMIT)))
        reader.close()
        reader.end_line()
        super().__init__(reader.lines, note="its text")


class _TextOfHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[Span, ...]] = []
        self._line = ""
        self._tone = ""
        self._unseen = 0
        self._verbatim = 0
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BLOCKS:
            self.end_line()
        if tag in _HEADINGS:
            self._blank_line()
            self._tone = "heading"
        self._verbatim += tag == "pre"
        if tag == "li":
            self._line = "  • "
        elif tag in ("td", "th") and self._line:
            self._line += " │ "
        elif tag == "hr":
            self.lines.append((("─" * 20, "dim"),))
        elif tag == "a":
            self._address = next((value for key, value in attrs if key == "href" and value), "")
        elif tag == "img":
            name = next((value for key, value in attrs if key == "alt" and value), "")
            self._line += f"[image{': ' if name else ''}{name}]"

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in _BLOCKS:
            self.end_line()
        if tag in ("p", "table", "ul", "ol", "pre") or tag in _HEADINGS:
            self._blank_line()
        if tag in _HEADINGS:
            self._tone = ""
        if tag == "a":
            self._write_address()
        if tag == "pre":
            self._verbatim = max(0, self._verbatim - 1)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._verbatim:
            first, *others = data.split("\n")
            self._line += first
            for other in others:
                self.end_line()
                self._line = other
            return
        if data[:1].isspace() and self._line and not self._line.endswith(" "):
            self._line += " "
        if words := " ".join(data.split()):
            self._line += f"{words}{' ' if data[-1].isspace() else ''}"

    def _write_address(self) -> None:
        """Write out where a link leads, unless that is a place of the page itself or stands there already."""
        address, self._address = self._address, ""
        if address and not address.startswith("#") and not self._unseen and not self._line.endswith(address):
            shown = f"{address[:_LONGEST_ADDRESS]}…" if len(address) > _LONGEST_ADDRESS else address
            self._line = f"{self._line.rstrip()} ({shown})"

    def end_line(self) -> None:
        """Begin a new line if there is anything on this one."""
        if self._line.strip():
            self.lines.append(((f" {visible(self._line.rstrip().expandtabs(8))}", self._tone),))
        self._line = ""

    def _blank_line(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append(())
