"""Record a believable experiment, to try the viewer on: ``python -m recorder.demo DIR [--live]``."""

from __future__ import annotations

import argparse
import datetime
import logging
import sys
from pathlib import Path

from recorder import Recorder
from recorder.demo.recording import record_history, record_live


def main() -> int:
    """Record the demo into a directory; with ``--live`` go on until the standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m recorder.demo", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="where lute.db and the output files are written")
    parser.add_argument("--live", action="store_true", help="go on recording until the standard input ends")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)  # says what could not be stored, and why
    directory = options.directory.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    with Recorder(directory) as recorder:
        going_on = record_history(recorder, directory, until=datetime.datetime.now(datetime.UTC))
        if options.live:
            # A line of output, for whoever started this: from here on entries only come now and then.
            sys.stdout.write(f"{recorder.path}: recorded so far; more comes until standard input ends\n")
            sys.stdout.flush()
            record_live(recorder, going_on)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
