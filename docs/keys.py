"""Write ``keys.md`` from the keys as the program states them: ``python -m docs.keys``."""

from __future__ import annotations

from pathlib import Path

from dbview.app import DbviewApp
from dbview.screens.keys import known_keys
from dbview.widgets.key_line import key_name

PAGE = Path(__file__).with_name("keys.md")

_BEGINNING = """\
# The keys of dbview

`?` shows the keys that work on the screen one is on, Ctrl-P finds an action by its name. All of it also works without
a mouse; Esc always goes back. `h` `j` `k` `l` do what the arrows do; but `h` on a parameter shows its history, and in
an entry `j` and `k` go to the next entry and the one before.

## Other keys

Keys of your own stand in `keys.json` in the settings' directory (`$DBVIEW_CONFIG`, else `~/.config/dbview`), by the id
of what they do:

```json
{"table.filter": "slash,f3", "move.page-down": "pagedown,ctrl+d"}
```

They take the place of the usual ones. Several are separated by commas; a key is a character, or a name as in `ctrl+d`,
`pagedown`, `escape`, `tab`. An id that there is not, or a key that would do two things on one screen, is told of at the
start and left as it was; all others work.

## All ids

Written from the program: `make keys`.

| id | keys | what they do |
|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    lines = []
    for name, key in known_keys(DbviewApp).items():
        keys = " ".join(_code(key_name(one)) for one in key.keys)
        lines.append(f"| `{name}` | {keys} | {' '.join(key.words)} |\n")
    return _BEGINNING + "".join(lines)


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
