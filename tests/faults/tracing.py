"""Stop a process at the system call one chooses, as a debugger would, and send it a signal there.

Linux's ptrace, called through ctypes: nothing to compile, and the process need not be started anew for every call, for
it is forked from one in which everything is imported already.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
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


SET_HANDLER, BLOCK_SIGNALS = {"x86_64": (13, 14), "aarch64": (134, 135)}.get(platform.machine(), (None, None))
"""The numbers of the system calls ``rt_sigaction`` and ``rt_sigprocmask`` on this architecture."""


class TracingRefused(Exception):
    """This machine does not let a process trace its own child: the fault cannot be injected here."""


@dataclass(frozen=True)
class Run:
    """What became of a traced process.

    Attributes:
        ended_by: The signal that ended it, or 0.
        system_calls: The numbers of the system calls it entered, in order; one it was killed at was not made.
        before_signal: Those that were over when the signal was sent.
        acknowledged: Whether it had said that its work is done.
    """

    ended_by: int
    system_calls: tuple[int, ...]
    before_signal: tuple[int, ...]
    acknowledged: bool


def run(
    work: Callable[[], object],
    *,
    limit: int | None = None,
    by: signal.Signals = signal.SIGKILL,
    at_each: Callable[[], object] = lambda: None,
) -> Run:
    """Do some work in a forked child, and watch its system calls.

    Args:
        work: What the child does.
        limit: The child gets a signal when it enters its system call of that number, from 1.
        by: The signal; by ``kill -9`` it ends in place of that system call.
        at_each: Called at each system call; the child stands still meanwhile.

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
            ended_by, system_calls = _follow(child, limit, by, at_each)
        over = system_calls if limit is None else system_calls[: limit - 1]
        return Run(ended_by, tuple(system_calls), tuple(over), os.read(reading, 1) == b"d")
    finally:
        os.close(reading)


def run_to_each_call(
    prepare: Callable[[], Callable[[], object]],
    check: Callable[[Run], object],
    *,
    by: signal.Signals = signal.SIGKILL,
) -> int:
    """Send some work a signal at its first system call, then at its second, and so on until it ends before.

    Args:
        prepare: Makes a place for the next run, and returns the work to be done there.
        check: Told of each run, also of the last, which ended before.
        by: The signal.

    Returns:
        At how many system calls the signal was sent.
    """
    limit = 0
    while True:
        limit += 1
        ended = run(prepare(), limit=limit, by=by)
        try:
            check(ended)
        except BaseException:
            call = ended.system_calls[limit - 1 : limit]
            sys.stderr.write(f"{by.name} at system call {limit}, of number {call} on this architecture\n")
            raise
        if len(ended.system_calls) < limit:
            return limit - 1


def _be_traced(work: Callable[[], object], acknowledging: int) -> None:
    code = 1
    try:
        _ptrace(_TRACE_ME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        os.write(acknowledging, b"d")
        code = 0
    except SystemExit:
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


def _follow(child: int, limit: int | None, by: signal.Signals, at_each: Callable[[], object]) -> tuple[int, list[int]]:
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        raise TracingRefused("ptrace is not allowed here: run where a process may trace its own children")
    _ptrace(_SET_OPTIONS, child, data=_MARK_SYSTEM_CALLS | _KILL_WITH_TRACER)
    entered: list[int] = []
    forwarded = 0
    while True:
        with contextlib.suppress(ProcessLookupError):  # another of its threads was given the signal, and ended it
            _ptrace(_TO_NEXT_SYSTEM_CALL, child, data=forwarded)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return os.WTERMSIG(status), entered
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status):
                raise AssertionError("the traced work failed; see its traceback on the standard error")
            return 0, entered
        forwarded = 0
        if os.WSTOPSIG(status) != _SYSTEM_CALL_STOP:
            forwarded = os.WSTOPSIG(status)
            continue
        call = _SystemCall()
        try:
            _ptrace(_GET_SYSTEM_CALL, child, address=ctypes.sizeof(call), data=ctypes.addressof(call))
        except ProcessLookupError:
            continue
        if call.stop != _ENTERS:
            continue
        entered.append(call.number)
        at_each()
        if len(entered) == limit:
            os.kill(child, by)
            if by == signal.SIGKILL:  # it ends where it stands
                os.waitpid(child, 0)
                return by, entered


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request: int, process: int, *, address: int = 0, data: int = 0) -> None:
    ctypes.set_errno(0)
    if _libc.ptrace(request, process, address, data) == -1 and ctypes.get_errno():
        error = ctypes.get_errno()
        words = f"ptrace request {request} failed ({os.strerror(error)}): run where a process may trace its children"
        raise ProcessLookupError(error, words) if error == errno.ESRCH else TracingRefused(words)
