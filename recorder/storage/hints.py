"""Say what may have been meant by a name that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_NAMED = 4
"""Names that are said; of more, only how many."""


def hint(name: str, known: Iterable[str]) -> str:
    """Return what may have been meant, letter case aside: what is spelled alike, or begins so; else what there is."""
    by_folded = {other.casefold(): other for other in sorted(known)}
    begun = [other for folded, other in by_folded.items() if folded.startswith(name.casefold())] if name else []
    alike = [by_folded[folded] for folded in difflib.get_close_matches(name.casefold(), by_folded, 3)]
    if begun or alike:
        return f"; did you mean {_listed([*begun, *(other for other in alike if other not in begun)])}?"
    return f"; there is {_listed(list(by_folded.values()))}" if by_folded else ""


def _listed(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
