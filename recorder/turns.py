"""Let the threads of a process take turns at a storage, and fork only between two turns.

SQLite keeps its locks per process and in memory. A child that is forked while a thread is inside a transaction inherits
the memory but not the lock: it then waits for nobody, or writes beside its parent. So a fork waits until every turn has
ended, and its child begins with storages of its own.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable

from recorder.errors import DatabaseLocked
from recorder.patience import Patience
from recorder.storage.base import Storage


class Turns:
    """Give a storage to one thread at a time.

    Args:
        open_storage: Makes the storage; called again in a forked child.
    """

    def __init__(self, open_storage: Callable[[], Storage]) -> None:
        self._open_storage = open_storage
        self.begin()
        with _fork.lock:
            _fork.everyone.add(self)

    def begin(self) -> None:
        """Start with a storage that nobody has used."""
        # Reentrant: a signal's handler that records during a turn of its own thread must not wait for ever.
        self.lock = threading.RLock()
        self.storage = self._open_storage()

    def turn(self, patience: Patience | None = None) -> Turn:
        """Give the storage to this thread until the block ends: ``with turns.turn() as storage``.

        Args:
            patience: How long to wait for other threads, each of which may be waiting for other processes. Until they
                have all had their turns, if not given.

        Raises:
            DatabaseLocked: Another thread had it until patience ended.
            Interrupted: A signal that is held back has arrived.
        """
        return Turn(self, patience)

    def leave_to_parent(self) -> Storage:
        """Begin anew in a child; return the storage that is the parent's, and must be neither used nor closed here."""
        left = self.storage
        self.begin()
        return left


class Turn:
    """One thread's turn, for the block of a ``with``."""

    def __init__(self, turns: Turns, patience: Patience | None) -> None:
        self._turns = turns
        self._patience = patience

    def __enter__(self) -> Storage:
        lock, patience = self._turns.lock, self._patience
        if patience is None:
            lock.acquire()
        else:
            while not lock.acquire(timeout=patience.until_next_look()):
                if not patience.pause(0):
                    raise DatabaseLocked("another thread of this process is still writing with the same Recorder")
        return self._turns.storage

    def __exit__(self, *_: object) -> None:
        self._turns.lock.release()


class _Fork:
    """A fork of this process: what is held meanwhile."""

    def __init__(self) -> None:
        self.everyone: weakref.WeakSet[Turns] = weakref.WeakSet()
        self.lock = threading.RLock()
        self._held: list[Turns] = []
        self._left: list[Storage] = []

    def before(self) -> None:
        self.lock.acquire()
        for turns in sorted(self.everyone, key=id):
            turns.lock.acquire()
            self._held.append(turns)

    def after_in_parent(self) -> None:
        while self._held:
            self._held.pop().lock.release()
        self.lock.release()

    def after_in_child(self) -> None:
        self.lock = threading.RLock()
        while self._held:
            # Kept for good: closing it would meddle with files that the parent has open.
            self._left.append(self._held.pop().leave_to_parent())


_fork = _Fork()
os.register_at_fork(before=_fork.before, after_in_parent=_fork.after_in_parent, after_in_child=_fork.after_in_child)
