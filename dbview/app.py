"""The application: one source, a stack of screens, and what they share."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import constants, events
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from dbview.clipboard import clipboard_sequence
from dbview.query.view import View
from dbview.screens.base import ERROR_SECONDS, ViewerScreen, copy_words, errors_in_words
from dbview.screens.marks import Marks
from dbview.settings import Settings
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.terminal import colourless, few_colours
from dbview.terminal.driver import TerminalDriver
from dbview.text import visible
from dbview.widgets.bar import PlainInput
from dbview.widgets.tones import cursor_ground

_THEME = "theme"

_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""The job is ended, the connection is closed."""

_REDUCED_PACE = 0.25
"""Seconds between frames that no key brought about, where the line is to be spared."""


class DbviewApp(App[None]):
    """The viewer of one source.

    Args:
        source: What is looked at; it is not closed by the app.
        view: Open this table at once; the list of tables stands behind it.
        key: Open this row of the table at once; the table stands behind it.
        settings: What the person set; None to read and remember nothing.
        is_reduced: True to spare a slow line: nothing is animated, and what nobody's key brought about is shown four
            times a second at most.
    """

    TITLE = "dbview"
    CSS = colourless.CSS
    # Each screen says itself where its keys go: nobody types into a bar who has not asked for it.
    AUTO_FOCUS: ClassVar[str | None] = None
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_DISPLAY = "Ctrl-P"
    NOTIFICATION_TIMEOUT = 2.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "quit", id="app.end", show=False, tooltip="Leave dbview."),
        # Textual has these two as well, in words of its own.
        Binding("ctrl+q", "quit", "quit", id="app.end", show=False, priority=True, tooltip="Leave dbview."),
        Binding(
            "ctrl+l",
            "redraw",
            "draw anew",
            id="app.redraw",
            show=False,
            tooltip="Draw the screen anew, after something else has written over it.",
        ),
        Binding(
            "ctrl+p",
            "command_palette",
            "commands",
            id="app.commands",
            show=False,
            priority=True,
            tooltip="Find a command by its name.",
        ),
    ]

    def __init__(
        self,
        source: Source,
        view: View | None = None,
        key: int | None = None,
        settings: Settings | None = None,
        is_reduced: bool = False,
    ) -> None:
        # Textual's own switch for another driver is respected.
        super().__init__(driver_class=None if constants.DRIVER else TerminalDriver)
        self.sub_title = visible(str(source.path))
        self.settings = settings or Settings(None)
        self.marks = Marks()
        self._source = source
        self._scheduler = Scheduler(source)
        self._view = view
        self._key = key
        self._is_reduced = is_reduced

    async def on_mount(self) -> None:
        """Open what was asked for; the first screen is built only when somebody goes back to it."""
        self._heed_signals(asyncio.get_running_loop())
        self._use_settings()
        if self._is_reduced:
            self._spare_the_line()
        if self._view is not None:
            from dbview.screens.table.screen import TableScreen

            self.push_screen(TableScreen(self._source, self._scheduler, self._view, self._key))
        else:
            from dbview.screens.first import first_screen

            # What is typed meanwhile waits for it.
            self.push_screen(await first_screen(self._source, self._scheduler))
        if reason := self._source.copied_because:
            self.notify(copy_words(reason), severity="warning", timeout=ERROR_SECONDS)

    def _use_settings(self) -> None:
        theme = self.settings.recall(_THEME, "")
        if theme in self.available_themes:
            self.theme = theme
        # What is set from now on was set by hand.
        self.theme_changed_signal.subscribe(self, lambda theme: self.settings.remember(_THEME, "", theme.name))
        words = [self.settings.trouble, *self._use_keys()]
        if any(words):
            self.notify("\n".join(filter(None, words)), severity="warning", timeout=ERROR_SECONDS)

    def _spare_the_line(self) -> None:
        self.animation_level = "none"
        if isinstance(self._driver, TerminalDriver):
            self._driver.take_time(_REDUCED_PACE)

    def _use_keys(self) -> list[str]:
        """Let the person's own keys work; return what is wrong with them."""
        if not self.settings.keys:
            return []
        # Only here: for the ids that there are, every screen is loaded.
        from dbview.screens.keys import keymap, known_keys, usable_keys

        known = known_keys(DbviewApp)
        keys, wrong = usable_keys(self.settings.keys, known)
        self.set_keymap(keymap(keys, DbviewApp, known))
        return [f"{self.settings.keys_file}: {words}." for words in wrong]

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what is done to all that is drawn; Textual itself leaves shades of grey where colours are few."""
        if self.no_color:
            return (colourless.Colourless(),)
        filters = super().get_line_filters()
        if self.console.color_system != "standard":
            return filters
        return (*filters, few_colours.FewColours(Color.parse(self.theme_variables.get("foreground", "white"))))

    def get_css_variables(self) -> dict[str, str]:
        """Return the colours of the theme, with a current line that can be read in all of them."""
        variables = super().get_css_variables()
        return {**variables, **cursor_ground(variables)}

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer in the palette what a viewer that writes nothing can do."""
        from dbview.screens.palette import screen_commands

        yield SystemCommand("Theme", "Choose other colours.", self.action_change_theme)
        yield from screen_commands(screen)

    async def on_event(self, event: events.Event) -> None:
        """Take an event in; what is typed takes effect before the next key is looked at.

        A key that comes before its screen is there to take it waits for that.
        """
        if isinstance(event, events.Key) and not self.screen.is_mounted:
            self.screen.call_later(self.post_message, events.Key(event.key, event.character))
        elif isinstance(event, events.Key | events.Paste) and isinstance(line := self.focused, PlainInput):
            await self._take_typed(event, line)
        else:
            await super().on_event(event)

    async def _take_typed(self, event: events.Key | events.Paste, line: PlainInput) -> None:
        if isinstance(event, events.Paste):
            line.take(event.text)
        elif event.is_printable:
            line.take(event.character or "")
        else:
            await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key, or a command of the palette, asks for; why it cannot be done is said in words."""
        with errors_in_words(self):
            return await super().run_action(action, default_namespace, namespaces)
        return True

    def action_command_palette(self) -> None:
        """Open the command palette."""
        from dbview.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something for a moment, in the place of what was said before."""
        self.clear_notifications()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def action_redraw(self) -> None:
        """Draw all anew, as after something else has written over the screen."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.redraw()

    def copy_to_clipboard(self, text: str) -> None:
        """Have the terminal's clipboard hold a text, also through tmux and screen."""
        self._clipboard = text
        self.send_to_terminal(clipboard_sequence(text, os.environ))

    def send_to_terminal(self, sequence: str) -> None:
        """Write control codes to the terminal as they are."""
        if self._driver is not None:
            self._driver.write(sequence)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End; while the terminal still shows the program, take back what it was sent beside text."""
        for screen in self.screen_stack:
            if isinstance(screen, ViewerScreen):
                screen.leave_terminal()
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        """Let the reading threads end by themselves: whatever they are at, leaving does not wait for it."""
        self._scheduler.close()
        self.settings.close()
        for number in _ENDING_SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _heed_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """End in order on a signal, so that the terminal is as it was and nothing is left behind."""
        if threading.current_thread() is threading.main_thread():
            for number in _ENDING_SIGNALS:
                loop.add_signal_handler(number, self.exit, None, 128 + number)
