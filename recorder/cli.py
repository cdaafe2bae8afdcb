"""Ask and mend a database from the shell: ``recorder latest | invalidate | revalidate | status | replay``.

Values go to the standard output, words to the standard error. How a command ends: :class:`recorder.errors.ExitCode`.
Nothing heavy is imported before the arguments are known to be right.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from recorder.errors import ExitCode, FileMissing, RecorderError

if TYPE_CHECKING:
    from recorder.recorder import Recorder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``recorder`` and return its exit code."""
    return _run(_recorder_parser(), arguments)


def invalidate_entry_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``invalidate_entry`` and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="invalidate_entry", description="Mark entries of a Task as not valid. Nothing is deleted."
    )
    _add_path(parser)
    _add_validity_arguments(parser, reason_required=False)
    parser.set_defaults(command=_invalidate)
    return _run(parser, arguments)


def _recorder_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recorder", description="Ask and mend what the recorder wrote.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Recorder, argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        added.set_defaults(command=command)
        _add_path(added)
        return added

    latest = add("latest", _latest, "print a parameter's value in the newest valid entry of a Task")
    latest.add_argument("task", metavar="TASK")
    latest.add_argument("parameter", metavar="PARAM", help="flat name, such as peaks.min or regions[0]")
    latest.add_argument("--run", metavar="N", help="only entries of this run")
    latest.add_argument("--experiment", metavar="E", help="only entries of this experiment")
    _add_validity_arguments(add("invalidate", _invalidate, "mark entries as not valid"), reason_required=True)
    _add_validity_arguments(add("revalidate", _revalidate, "mark entries as valid again"), reason_required=False)
    add("status", _status, "show the entries per Task, the side tables' layout and what waits in the spool")
    replay = add("replay", _replay, "store the entries that wait in the spool")
    replay.add_argument("--dry-run", action="store_true", help="only list them")
    return parser


class _Version(argparse.Action):
    """Print the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"{parser.prog} {version('recorder-dbview')}")  # noqa: T201 - a command's answer
        parser.exit()


def _add_path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a database, or a directory that holds lute.db")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="how long to wait for another process's lock (20)"
    )


def _add_validity_arguments(parser: argparse.ArgumentParser, *, reason_required: bool) -> None:
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("ids", metavar="ID", type=int, nargs="+")
    parser.add_argument("--reason", metavar="TEXT", required=reason_required, help="why; kept with who and when")


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    logging.getLogger("recorder").addHandler(_stderr_handler(parser.prog))
    try:
        options = parser.parse_args(arguments)
        code = _with_recorder(options)
        sys.stdout.flush()
    except RecorderError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)  # noqa: T201 - a command's words
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Python would flush once more at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)  # noqa: T201 - a command's words
        return ExitCode.PERMISSION_DENIED if isinstance(error, PermissionError) else ExitCode.UNSUPPORTED
    return code


def _stderr_handler(program: str) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"{program}: %(message)s"))
    handler.setLevel(logging.WARNING)
    return handler


def _with_recorder(options: argparse.Namespace) -> int:
    from recorder.recorder import Recorder

    waiting = {} if options.timeout is None else {"timeout": options.timeout}
    with Recorder(options.path, **waiting) as recorder:
        code: int = options.command(recorder, options)
        return code


def _latest(recorder: Recorder, options: argparse.Namespace) -> int:
    value = recorder.latest(options.task, options.parameter, run=options.run, experiment=options.experiment)
    if value is None:
        print("recorder: no value: no valid entry matches, or the newest holds NULL", file=sys.stderr)  # noqa: T201
        return ExitCode.NOTHING_FOUND
    _write(value)
    return ExitCode.OK


def _write(value: Any) -> None:
    """Write a value as it is; for a terminal, characters that would steer it are escaped."""
    if isinstance(value, bytes):
        raw = repr(value).encode() + b"\n" if sys.stdout.isatty() else value
    else:
        text = str(value)
        if sys.stdout.isatty():
            text = "".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in text)
        raw = text.encode("utf-8", "surrogateescape") + b"\n"
    sys.stdout.buffer.write(raw)


def _invalidate(recorder: Recorder, options: argparse.Namespace) -> int:
    recorder.invalidate(options.task, options.ids, options.reason)
    return _say_marked(options, "not valid")


def _revalidate(recorder: Recorder, options: argparse.Namespace) -> int:
    recorder.revalidate(options.task, options.ids, options.reason)
    return _say_marked(options, "valid")


def _say_marked(options: argparse.Namespace, validity: str) -> int:
    count = len(set(options.ids))
    words = f"{count} {'entry' if count == 1 else 'entries'} of {options.task} marked {validity}"
    print(words, file=sys.stderr)  # noqa: T201 - a command's words
    return ExitCode.OK


def _status(recorder: Recorder, options: argparse.Namespace) -> int:
    pending = len(recorder.spool.pending())
    if pending and not recorder.path.exists():
        raise FileMissing(f"{recorder.path}: no such database, but {pending} entries wait: run `recorder replay`")
    status = recorder.status()
    _write(f"database     {recorder.path}")
    _write(f"side layout  {status.side_layout or 'none: nothing here was written by this recorder'}")
    _write(f"spool        {pending or 'no'} {'entry waits' if pending == 1 else 'entries wait'}")
    for count in status.counts:
        _write(f"{count.entries:>11}  {count.task} ({count.valid} valid)")
    return ExitCode.OK


def _replay(recorder: Recorder, options: argparse.Namespace) -> int:
    if not recorder.path.exists() and not recorder.spool.pending():
        raise FileMissing(f"{recorder.path}: no such database, and no spool beside it")
    if options.dry_run:
        for path in recorder.spool.pending():
            _write(str(path))
        return ExitCode.OK
    code = ExitCode.OK
    for path, outcome in recorder.replay():
        if isinstance(outcome, RecorderError):
            print(f"recorder: {outcome}", file=sys.stderr)  # noqa: T201 - a command's words
            code = outcome.exit_code
        else:
            _write(f"{outcome.task} {outcome.id}  from {path.name}")
    return code


if __name__ == "__main__":
    sys.exit(main())
