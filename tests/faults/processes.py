"""Processes that record, and processes that have rights and file systems of their own."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

# From linux/sched.h and linux/mount.h.
_OWN_MOUNTS, _OWN_USERS = 0x20000, 0x10000000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


def warm() -> ForkServerContext:
    """Return how to start many processes at once, each forked from one that has the recorder loaded and did nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["recorder.recorder", "tests.recorder.analyses"])
    return context


def fork(work: Callable[[], object]) -> int:
    """Begin some work in a forked child, and return its process id; a traceback goes to the standard error."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the child ends here, whatever happened
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)
    return child


def in_child(work: Callable[[], object]) -> None:
    """Do some work in a forked child, whose rights and mounts may be changed.

    Raises:
        AssertionError: It failed; its traceback is on the standard error.
    """
    ended = os.waitstatus_to_exitcode(os.waitpid(fork(work), 0)[1])
    if ended:
        raise AssertionError(f"the child ended with {ended}; see its traceback on the standard error")


def own_mounts() -> None:
    """Let what this process mounts from now on be seen by nobody else, and go away with it.

    Raises:
        PermissionError: Neither this user nor one in a namespace of its own may mount anything here.
    """
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_OWN_MOUNTS):
        if _libc.unshare(_OWN_MOUNTS | _OWN_USERS):
            raise PermissionError("no mounts of one's own here: run as root, or where user namespaces are allowed")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _mount("none", Path("/"), None, _RECURSIVE | _PRIVATE)


def mount_memory(directory: Path, size: int) -> None:
    """Mount an empty file system of so many bytes."""
    _mount("tmpfs", directory, "tmpfs", 0, f"size={size}")


def make_read_only(directory: Path, *, read_only: bool = True) -> None:
    """Mount a file system anew, read-only or not."""
    _mount("none", directory, None, _REMOUNT | (_READ_ONLY if read_only else 0))


def bind(directory: Path, place: Path, *, read_only: bool = True) -> None:
    """Show a directory at another place as well, there read-only or not."""
    _mount(str(directory), place, None, _BIND)
    _mount("none", place, None, _BIND | _REMOUNT | (_READ_ONLY if read_only else 0))


def _mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    words = (source.encode(), os.fsencode(target), kind and kind.encode(), ctypes.c_ulong(flags), options.encode())
    if _libc.mount(*words):
        error = ctypes.get_errno()
        raise OSError(error, f"cannot mount: {os.strerror(error)}", str(target))


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Be held to the modes of files until the block ends, even as root."""
    header = _Header(0x20080522, 0)
    kept, reduced = (_Capabilities * 2)(), (_Capabilities * 2)()
    _libc.capget(ctypes.byref(header), kept)
    for now, then in zip(reduced, kept, strict=True):
        now.permitted = then.permitted
    if _libc.capset(ctypes.byref(header), reduced):
        raise OSError(ctypes.get_errno(), "cannot give up privileges")
    yield
    _libc.capset(ctypes.byref(header), kept)


@contextlib.contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold the lock of a database in a process of its own until the block ends."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        os.write(writing, b"r")
        os.close(writing)
        while os.getppid() != 1:
            time.sleep(1)
        os._exit(0)
    os.close(writing)
    try:
        if os.read(reading, 1) != b"r":
            raise AssertionError(f"the lock of {database} could not be taken")
        yield
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
