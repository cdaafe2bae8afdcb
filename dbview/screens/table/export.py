"""Write what a table shows into a file that somebody names, beside the interface."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding

from dbview.errors import Abandoned, DbviewError
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.source.scheduler import ScanHandle
from dbview.text import visible

if TYPE_CHECKING:
    from dbview.headless.query import Request

EXPORT_BINDING = Binding(
    "w", "export", "write", show=False, tooltip="Write what is seen, all rows of it, into a file.", id="table.export"
)

_QUESTION = "write to which file (.csv .jsonl .json .md .parquet)"


class Exporting:
    """The writing of one table's rows.

    Args:
        screen: Asks, and tells how it went.
        say: Called when there is something new to say.
    """

    def __init__(self, screen: ViewerScreen, say: Callable[[], None]) -> None:
        self._screen = screen
        self._say = say
        self._scan: ScanHandle[bool] | None = None
        self._written, self._wanted = 0, 0
        self._is_stopped = False

    @property
    def is_running(self) -> bool:
        """True while a file is being written."""
        return self._scan is not None

    @property
    def words(self) -> str:
        """How far it is; nothing if nothing is being written."""
        if self._scan is None:
            return ""
        share = f" {100 * self._written / self._wanted:.0f} %" if self._wanted else " …"
        return f"writing{share} · Esc stops"

    def stop(self) -> None:
        """End it; nothing of the file is left."""
        self._is_stopped = True

    def ask(self, relation: Relation, view: View) -> None:
        """Ask for a file and write the rows of a View into it."""
        # Only here, as all that a key asks for: the first rows should not wait for the language.
        from dbview.headless.query import Request
        from dbview.query.link import columns_text, sort_text
        from dbview.screens.ask import AskScreen

        columns = None if view.columns is None else columns_text(relation, view.columns)
        sort = sort_text(view.sort) if view.sort else None
        request = Request(relation.name, view.filter, columns, sort)

        def take(name: str | None) -> None:
            if name:
                self._screen.start(lambda: self._begin(request, Path(name)), "export")

        self._screen.app.push_screen(AskScreen(_QUESTION), take)

    async def _begin(self, request: Request, file: Path) -> None:
        from dbview.headless.export import form_of, why_to_ask
        from dbview.screens.ask import AskScreen

        request, file = replace(request, form=form_of(file)), file.expanduser().absolute()
        database = self._screen.source.path
        # Not here: the file system may not answer.
        reason = await asyncio.wrap_future(
            self._screen.scheduler.scan(lambda _r, _c: why_to_ask(file, database)).future
        )

        def take(answer: str | None) -> None:
            if (answer or "").lower() in ("y", "yes"):
                self._screen.start(lambda: self._write(request, file, asked=True), "export")

        if reason:
            self._screen.app.push_screen(AskScreen(f"{reason}: write it all the same? y/N"), take)
        else:
            await self._write(request, file, asked=False)

    async def _write(self, request: Request, file: Path, *, asked: bool) -> None:
        from dbview.headless.export import export

        source, told = self._screen.source, list[str]()
        self._is_stopped, self._written, self._wanted = False, 0, 0

        def watch(written: int, wanted: int) -> bool:
            self._written, self._wanted = written, wanted
            return self._is_stopped

        self._scan = self._screen.scheduler.scan(
            lambda _reader, _cancelled: export(source, request, file, told.append, watch, asked=asked)
        )
        timer = self._screen.set_interval(0.5, self._say)
        try:
            await asyncio.wrap_future(self._scan.future)
        except Abandoned:
            self._screen.notify("Stopped: nothing was written.", markup=False)
            return
        except DbviewError as error:
            ViewerScreen.show_error(self._screen, error)
            return
        finally:
            timer.stop()
            self._scan = None
            self._say()
        rows = f"{self._written:,} row{'s' * (self._written != 1)}"
        words = " ".join([f"Written: {rows}, {visible(str(file))}", *map(visible, told)])
        self._screen.notify(words, markup=False)
