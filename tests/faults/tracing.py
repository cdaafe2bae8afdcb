"""Stop a process at the system call one chooses, as a debugger would, and kill it there.

Linux's ptrace, called through ctypes: nothing to compile, and the process need not be started anew for every call, for
it is forked from one in which everything is imported already.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# From linux/ptrace.h; the same on all architectures.
_TRACE_ME, _TO_NEXT_SYSTEM_CALL, _SET_OPTIONS, _GET_SYSTEM_CALL = 0, 24, 0x4200, 0x420E
_MARK_SYSTEM_CALLS, _KILL_WITH_TRACER = 1, 1 << 20
_SYSTEM_CALL_STOP = signal.SIGTRAP | 0x80
_ENTERS = 1


class _SystemCall(ctypes.Structure):
    """``struct ptrace_syscall_info`` as it is when a call is entered."""

    _fields_ = (
        ("stop", ctypes.c_uint8),
        ("reserved", ctypes.c_uint8 * 3),
        ("architecture", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    )


class TracingRefused(Exception):
    """This machine does not let a process trace its own child: the fault cannot be injected here."""


@dataclass(frozen=True)
class Run:
    """What became of a traced process.

    Attributes:
        killed: Whether it was killed before the call it was to be killed at; if not, it had ended before.
        system_calls: The numbers of the system calls it entered, in order; the last of a killed one was not made.
        acknowledged: Whether it had said that its work is done.
    """

    killed: bool
    system_calls: tuple[int, ...]
    acknowledged: bool


def run_until(limit: int | None, work: Callable[[], object]) -> Run:
    """Do some work in a forked child, and kill it (``kill -9``) in place of its system call of that number, from 1.

    Raises:
        TracingRefused: The kernel does not allow it, in words.
        AssertionError: The work itself failed; its traceback is on the standard error.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_traced(work, writing)
    os.close(writing)
    try:
        with _reaped(child):
            killed, system_calls = _follow(child, limit)
        return Run(killed, tuple(system_calls), os.read(reading, 1) == b"d")
    finally:
        os.close(reading)


def kill_points(prepare: Callable[[], Callable[[], object]], check: Callable[[Run], object]) -> int:
    """Kill some work at its first system call, then at its second, and so on until it ends by itself.

    Args:
        prepare: Makes a place for the next run, and returns the work to be done there.
        check: Told of each run, also of the last, which ended by itself.

    Returns:
        How many system calls the work was killed at.
    """
    limit = 0
    while True:
        limit += 1
        run = run_until(limit, prepare())
        try:
            check(run)
        except BaseException:
            last = run.system_calls[-1]
            sys.stderr.write(f"killed in place of system call {limit}, which is number {last} of this architecture\n")
            raise
        if not run.killed:
            return limit - 1


def _be_traced(work: Callable[[], object], acknowledging: int) -> None:
    code = 1
    try:
        _ptrace(_TRACE_ME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        os.write(acknowledging, b"d")
        code = 0
    except BaseException:  # noqa: BLE001 - the child ends here, whatever happened
        traceback.print_exc()
    os._exit(code)


@contextlib.contextmanager
def _reaped(child: int) -> Iterator[None]:
    """Leave no traced child behind, whatever the block raises."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise


def _follow(child: int, limit: int | None) -> tuple[bool, list[int]]:
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        raise TracingRefused("ptrace is not allowed here: run where a process may trace its own children")
    _ptrace(_SET_OPTIONS, child, data=_MARK_SYSTEM_CALLS | _KILL_WITH_TRACER)
    entered: list[int] = []
    forwarded = 0
    while True:
        _ptrace(_TO_NEXT_SYSTEM_CALL, child, data=forwarded)
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            if os.WIFSIGNALED(status) or os.WEXITSTATUS(status):
                raise AssertionError(f"the traced work failed: {os.waitstatus_to_exitcode(status)}")
            return False, entered
        forwarded = 0
        if os.WSTOPSIG(status) != _SYSTEM_CALL_STOP:
            forwarded = os.WSTOPSIG(status)
            continue
        call = _SystemCall()
        _ptrace(_GET_SYSTEM_CALL, child, address=ctypes.sizeof(call), data=ctypes.addressof(call))
        if call.stop != _ENTERS:
            continue
        entered.append(call.number)
        if len(entered) == limit:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True, entered


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request: int, process: int, *, address: int = 0, data: int = 0) -> None:
    ctypes.set_errno(0)
    if _libc.ptrace(request, process, address, data) == -1 and ctypes.get_errno():
        words = os.strerror(ctypes.get_errno())
        raise TracingRefused(f"ptrace request {request} failed ({words}): run where a process may trace its children")
