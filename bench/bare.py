"""The least a Textual program can do: show one known text. What the viewer's start is measured against."""

from textual.app import App, ComposeResult
from textual.widgets import Static

READY = "the bare app is ready"


class BareApp(App[None]):
    """Show one text."""

    def compose(self) -> ComposeResult:
        """Lay out the one widget."""
        yield Static(READY)


if __name__ == "__main__":
    BareApp().run()
