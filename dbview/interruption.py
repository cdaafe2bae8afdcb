"""Notice Ctrl-C also where it is lost.

Python raises ``KeyboardInterrupt`` wherever it happens to be. In a function that SQLite calls back, that comes to
nothing, and SQLite reports an error of its own, such as "not authorized".
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for whatever error the block ends with, if Ctrl-C was pressed meanwhile."""
    came = False

    def notice(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        signal.default_int_handler(number, frame)

    # Python lets only its main thread say what a signal does, and what somebody else has chosen is kept.
    is_ours = threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if is_ours:
        signal.signal(signal.SIGINT, notice)
    try:
        yield
    except Exception as error:
        if came:
            raise KeyboardInterrupt from error
        raise
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
