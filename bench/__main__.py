"""Print what the recorder and the viewer cost beside the least that could do the same: ``python -m bench``."""

from __future__ import annotations

import argparse
import itertools

from bench import contention, disturbing, growth, latest, questions, recording, scale, starting
from bench.contention import SLOW


def main() -> None:
    """Measure everything; each line gives both medians, their ratio and what it should not exceed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only try whether it runs; the figures mean little")
    quick = parser.parse_args().quick
    for ratio in recording.against_plain_sqlite(rounds=2 if quick else 9, entries=20 if quick else 200):
        print(ratio, flush=True)
    many = [(4, 2, 1, 0.0, 1.5), (4, 2, 1, SLOW, 1.5)]
    if not quick:
        many = [(64, 20, 5, 0.0, 1.11), (64, 20, 1, SLOW, 1.11), (8, 20, 5, 0.0, 1.5), (8, 20, 1, SLOW, 1.11)]
    for ratio in itertools.chain.from_iterable(itertools.starmap(contention.against_busy_handler, many)):
        print(ratio, flush=True)
    for ratio in growth.recording(rounds=1 if quick else 9, entries=2_000 if quick else 1_000_000):
        print(ratio, flush=True)
    for ratio in latest.foreign_and_own(rounds=1 if quick else 9, entries=2_000 if quick else 100_000):
        print(ratio, flush=True)
    for ratio in starting.first_rows(rounds=1 if quick else 9):
        print(ratio, flush=True)
    for ratio in starting.size(rounds=1 if quick else 9, entries=10_000 if quick else 1_000_000):
        print(ratio, flush=True)
    rows = 10_000 if quick else 1_000_000
    for ratio in scale.against_sqlite(rounds=1 if quick else 3, rows=rows):
        print(ratio, flush=True)
    for ratio in questions.against_sqlite(rounds=1 if quick else 3, entries=rows):
        print(ratio, flush=True)
    for ratio in disturbing.stalls_and_memory(rows, seconds=3 if quick else 20):
        print(ratio, flush=True)
    for ratio in disturbing.writers_wait(rows, rounds=1 if quick else 5, seconds=1 if quick else 6):
        print(ratio, flush=True)


if __name__ == "__main__":
    main()
