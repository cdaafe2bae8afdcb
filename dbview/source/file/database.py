"""Hold a database file and the way it is read at present, for all connections to it."""

from __future__ import annotations

import threading
from pathlib import Path

from dbview.errors import SourceChanged
from dbview.source.file.access import Access, Snapshot, find_access
from dbview.source.file.copying import UNLIMITED, Copying, remove_copy
from dbview.source.file.disk import DatabaseFile, Signature
from dbview.source.view.counted import Counted


class Database:
    """A database file and the way it is read at present. Any thread may call it.

    Args:
        path: The file, with symbolic links resolved.
        copying: What private copies may cost; its scratch directory is removed on closing.

    Attributes:
        access: How the file is read at present; another object once it must be read differently.
        scratch: Where what does not fit into memory may lie for a while.
        counted: What is known of the numbers of rows.

    Raises:
        DbviewError: The file cannot be opened; the message says why.
    """

    def __init__(self, path: Path, copying: Copying) -> None:
        self.path = path
        self.scratch = copying.scratch
        self.counted = Counted()
        self._copying = copying
        self._lock = threading.Lock()
        self._file = DatabaseFile(path)
        self._earlier: list[DatabaseFile] = []
        self._copies = 0
        try:
            self.access: Access = self._found()
        except BaseException:
            self.close()
            raise

    @property
    def copied_share(self) -> float | None:
        """How much of a private copy that is being made is there, 0 to 1; None while none is being made."""
        return self._copying.share

    def allow_copy(self) -> None:
        """Allow private copies of any size from now on, as far as there is room for them."""
        self._copying.limit = UNLIMITED

    def close(self) -> None:
        """Let go of the file and remove private copies. Connections must be closed before."""
        self._copying.scratch.close()
        for file in (*self._earlier, self._file):
            file.close()

    def signature(self) -> Signature:
        """Return what changes with every commit to the file, also while a copy is read; takes no lock."""
        return self._file.signature()

    def find_again(self, outdated: Access) -> None:
        """Find another way to read the file, unless that has been done since the outdated one was in force."""
        with self._lock:
            if self.access is outdated:
                self._change_access()

    def renew(self) -> None:
        """Read what has the file's name now, and its present state: a snapshot is taken anew if it is older."""
        with self._lock:
            self.counted.forget()
            try:
                self._file.refuse_another()
            except SourceChanged:
                there = DatabaseFile(self.path)
                # Not closed: there may be connections to the file that had the name before.
                self._earlier.append(self._file)
                self._file = there
            else:
                if not isinstance(self.access, Snapshot) or self.access.signature == self._file.signature():
                    return
            self._change_access()

    def _change_access(self) -> None:
        before = self.access
        self.access = self._found()
        self.counted.forget()
        if isinstance(before, Snapshot):
            remove_copy(before.copy)

    def _found(self) -> Access:
        self._copies += 1
        return find_access(self._file, self._copying, f"{self._copies}.db")
