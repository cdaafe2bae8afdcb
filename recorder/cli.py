"""Ask and mend a database from the shell: ``recorder latest | record | invalidate | status | replay``.

Values go to the standard output, words to the standard error. How a command ends: :class:`recorder.errors.ExitCode`.
Nothing heavy is imported before the arguments are known to be right.
"""

from __future__ import annotations

import argparse
import collections
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from recorder.errors import ExitCode, FileMissing, RecorderError, UnreadableEntry
from recorder.patience import seconds_to_wait

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
    latest.add_argument(
        "parameter", metavar="PARAM", help="flat name, such as peaks.min or regions[0]; or status, summary, payload"
    )
    latest.add_argument("--any", action="store_true", help="also entries that are marked as not valid")
    latest.add_argument("--run", metavar="N", help="only entries of this run")
    latest.add_argument("--experiment", metavar="E", help="only entries of this experiment")
    latest.add_argument("--json", action="store_true", help="answer with a line of JSON, the value tagged")
    record = add("record", _record, "store entries in their JSON form, one a line; answer each with a line of JSON")
    record.add_argument("entries", metavar="FILE", help="-, the standard input, or a file such as one of the spool")
    record.set_defaults(json=True)
    _add_validity_arguments(add("invalidate", _invalidate, "mark entries as not valid"), reason_required=True)
    _add_validity_arguments(add("revalidate", _revalidate, "mark entries as valid again"), reason_required=False)
    add("status", _status, "show the entries per Task, the side tables' layout and what waits in the spool")
    add("check", _check, "look for what is damaged, missing or contradictory; change nothing")
    replay = add("replay", _replay, "store the entries that wait in the spool")
    replay.add_argument("--dry-run", action="store_true", help="only list them")
    replay.add_argument("--from", dest="directory", metavar="DIR", help="only what waits there, such as a moved spool")
    replay.add_argument("--refused", action="store_true", help="try also what was set aside before")
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
        "--timeout", type=_seconds, metavar="SECONDS", help="how long to wait for another process's lock (20)"
    )


def _seconds(text: str) -> float:
    try:
        return seconds_to_wait(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _add_validity_arguments(parser: argparse.ArgumentParser, *, reason_required: bool) -> None:
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("ids", metavar="ID", type=int, nargs="+")
    parser.add_argument("--reason", metavar="TEXT", required=reason_required, help="why; kept with who and when")
    parser.add_argument("--json", action="store_true", help="answer with a line of JSON")


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    logging.getLogger("recorder").addHandler(_stderr_handler(parser.prog))
    try:
        options = parser.parse_args(arguments)
        code = _with_recorder(options)
        sys.stdout.flush()
    except RecorderError as error:
        _say_error(error, parser.prog, as_json=getattr(options, "json", False))
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Python would flush once more at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)  # noqa: T201 - a command's words
        codes = {FileNotFoundError: ExitCode.FILE_MISSING, PermissionError: ExitCode.PERMISSION_DENIED}
        return codes.get(type(error), ExitCode.UNSUPPORTED)
    return code


def _say_error(error: RecorderError, program: str = "recorder", *, as_json: bool = False) -> None:
    if as_json:
        _answer_error(error)
    print(f"{program}: {error}", file=sys.stderr)  # noqa: T201 - a command's words


def _answer_error(error: RecorderError) -> None:
    _answer({"error": type(error).__name__, "message": str(error)})


def _answer(answer: dict[str, Any]) -> None:
    _write(json.dumps(answer))
    sys.stdout.flush()


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
    from recorder.layout.tagged import to_json_value

    found = recorder.newest(
        options.task, options.parameter, valid_only=not options.any, run=options.run, experiment=options.experiment
    )
    value = None if found is None else found.value
    if options.json:
        _answer({"value": to_json_value(value)})
    elif value is not None:
        _write(value)
    if value is None:
        matching = "no entry matches" if options.any else "no valid entry matches (--any takes the others as well)"
        if found is not None:
            entry = f"entry {found.id}" if found.id else "the newest entry, which waits in the spool,"
            matching = f"{entry} holds NULL"
        print(f"recorder: no value: {matching}", file=sys.stderr)  # noqa: T201 - a command's words
        return ExitCode.NOTHING_FOUND
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


def _record(recorder: Recorder, options: argparse.Namespace) -> int:
    from recorder.exchange import store_lines

    refused: list[RecorderError] = []
    count = 0
    with sys.stdin.buffer if options.entries == "-" else Path(options.entries).open("rb") as lines:
        for count, outcome in enumerate(store_lines(recorder, lines), 1):  # noqa: B007 - how many there were
            if isinstance(outcome, RecorderError):
                _answer_error(outcome)
                refused.append(outcome)
            else:
                _answer(outcome)
    if not count:
        raise UnreadableEntry(f"{options.entries}: no entry was handed over")
    if not refused:
        return ExitCode.OK
    print(f"recorder: {len(refused)} of {count} not stored; the first: {refused[0]}", file=sys.stderr)  # noqa: T201
    return refused[0].exit_code


def _invalidate(recorder: Recorder, options: argparse.Namespace) -> int:
    recorder.invalidate(options.task, options.ids, options.reason or None)
    return _say_marked(options, "not valid")


def _revalidate(recorder: Recorder, options: argparse.Namespace) -> int:
    recorder.revalidate(options.task, options.ids, options.reason)
    return _say_marked(options, "valid")


def _say_marked(options: argparse.Namespace, validity: str) -> int:
    count = len(set(options.ids))
    if options.json:
        _answer({"marked": count})
        return ExitCode.OK
    words = f"{count} {'entry' if count == 1 else 'entries'} of {options.task} marked {validity}"
    print(words, file=sys.stderr)  # noqa: T201 - a command's words
    return ExitCode.OK


def _status(recorder: Recorder, options: argparse.Namespace) -> int:
    pending = recorder.spool.pending()
    if pending and not recorder.path.exists():
        count = f"{len(pending)} {'entry waits' if len(pending) == 1 else 'entries wait'}"
        raise FileMissing(f"{recorder.path}: no such database, but {count}: run `recorder replay`")
    status = recorder.status()
    _write(f"database     {recorder.path}")
    _write(f"side layout  {status.side_layout or 'none: nothing here was written by this recorder'}")
    _write_places("spool", pending, "entry waits", "entries wait")
    _write_places("refused", recorder.spool.refused(), "entry is set aside", "entries are set aside")
    for task in status.counts:
        running = f", {task.running} running" if task.running else ""
        stale = f", {task.stale} of them for longer than they may" if task.stale else ""
        _write(f"{task.entries:>11}  {task.task} ({task.valid} valid{running}{stale})")
    return ExitCode.OK


def _check(recorder: Recorder, options: argparse.Namespace) -> int:
    count = 0
    for count, finding in enumerate(recorder.check(), 1):  # noqa: B007 - how many there were
        _write(str(finding))
    print(f"{count or 'no'} {'finding' if count == 1 else 'findings'}", file=sys.stderr)  # noqa: T201 - a command's words
    return ExitCode.NOTHING_FOUND if count else ExitCode.OK


def _write_places(title: str, paths: Sequence[Path], one: str, several: str) -> None:
    counts = collections.Counter(path.parent for path in paths)
    for place, count in counts.items():
        _write(f"{title:<11}  {count} {one if count == 1 else several} in {place}")
    if not counts:
        _write(f"{title:<11}  no {several}")


def _replay(recorder: Recorder, options: argparse.Namespace) -> int:
    directory = None if options.directory is None else Path(options.directory)
    if directory is not None and not directory.is_dir():
        raise FileMissing(f"{directory}: no such directory")
    waiting = recorder.spool.waiting(directory, refused=options.refused)
    if not waiting and directory is None and not recorder.path.exists():
        raise FileMissing(f"{recorder.path}: no such database, and nothing waits for it")
    if options.dry_run:
        for path in waiting:
            _write(str(path))
        return ExitCode.OK
    code = ExitCode.OK
    for path, outcome in recorder.replay(directory, refused=options.refused):
        if isinstance(outcome, RecorderError):
            print(f"recorder: {outcome}", file=sys.stderr)  # noqa: T201 - a command's words
            code = outcome.exit_code
        else:
            _write(f"{outcome.task} {outcome.id}  from {path.name}")
    return code


if __name__ == "__main__":
    sys.exit(main())
