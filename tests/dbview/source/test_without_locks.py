"""File systems that refuse locks, made by a filter on system calls in a process of its own."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.dbview.disk import COMMITTED, LATER, TWO_COMMITS, Place, contents

LOOK = """
import ctypes, os, platform, struct, sys
from pathlib import Path
from dbview.source.source import open_source

def refuse_locks(code):
    architecture, fcntl = {"x86_64": (0xC000003E, 72), "aarch64": (0xC00000B7, 25)}[platform.machine()]
    load, equal, leave, allow, fail = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000
    # If it is fcntl with F_SETLK (6) or F_OFD_SETLK (37), then an error, else as ever.
    rules = [
        (load, 0, 0, 4), (equal, 0, 6, architecture), (load, 0, 0, 0), (equal, 0, 4, fcntl),
        (load, 0, 0, 24), (equal, 1, 0, 6), (equal, 0, 1, 37), (leave, 0, 0, fail | code), (leave, 0, 0, allow),
    ]
    raw = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_char_p)]
    library = ctypes.CDLL(None, use_errno=True)
    for arguments in ((38, 1, 0, 0, 0), (22, 2, ctypes.byref(Program(len(rules), raw)), 0, 0)):
        if library.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")

refuse_locks(int(sys.argv[1]))
source = open_source(Path(sys.argv[2]))
reader = source.reader()
((count,),) = reader.query("SELECT count(*) FROM t")
print(count, source.access[:8], source.copied_because, sep="|")
reader.close()
source.close()
"""


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_without_locks_a_copy_is_read_and_said_to_be_one(place: Place, journal: str, code: int) -> None:
    place.leave(journal, TWO_COMMITS)
    before = contents(place.file.parent)
    with tempfile.TemporaryDirectory() as scratch:
        looked = subprocess.run(
            [sys.executable, "-c", LOOK, str(int(code)), str(place.file)],
            capture_output=True,
            text=True,
            env={**os.environ, "DBVIEW_SCRATCH": scratch},
            check=False,
        )
        assert not list(Path(scratch).iterdir())
    assert looked.stdout == f"{COMMITTED + LATER}|snapshot|locks do not work on its file system\n", looked.stderr
    assert contents(place.file.parent) == before
