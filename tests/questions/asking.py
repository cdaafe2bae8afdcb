"""Ask the program a question: press the keys that the README lists for it, and read what comes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.terminal import DBVIEW, ENTER, Terminal

README = Path(__file__).parent.parent.parent / "README.md"

_TABLE = re.compile(r"^\| question \| keys \|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)
_STEP = re.compile(r"`(\S+)`|(\w+)")
_NAMED = {"Enter": ENTER, "Space": " "}


class Step(NamedTuple):
    """A key that is pressed, or a word that stands for text to be typed, such as *Task*."""

    word: str
    is_key: bool


class Seen(NamedTuple):
    """What stands on the screen after a step; where the step is a word, with the text that is typed for it.

    Attributes:
        patterns: Regular expressions that are all found, ``^`` and ``$`` at the ends of lines.
        typed: The text.
    """

    patterns: tuple[str, ...]
    typed: str = ""


def seen(*patterns: str) -> Seen:
    """Return what is seen after a key."""
    return Seen(patterns)


def typed(text: str, *patterns: str) -> Seen:
    """Return a text to type, and what is seen then: by default the text in a bar."""
    return Seen(patterns or (rf"[/:] {re.escape(text)}",), text)


def table_of(task: str, newest: str) -> tuple[Seen, ...]:
    """Return what is seen on the way to the table of a Task: the list of tables, its search line, the table.

    Args:
        task: Its name.
        newest: How the line below the table begins once it tells of the newest entry.
    """
    return (
        seen("find a table", "Shared configuration", "/ find .* q quit"),
        seen("Esc show all"),
        typed(task, rf"^ / {task}$", rf"^▌ +{task}"),
        seen(rf"› {task}  ", rf"^ {newest}  ", r"q quit"),
    )


def going_to(text: str) -> tuple[Seen, ...]:
    """Return what is seen where runs and experiments are gone to by a text."""
    return seen("go to run:"), typed(text)


def filtering_by(text: str) -> tuple[Seen, ...]:
    """Return what is seen where a filter is typed."""
    return seen("Enter apply"), typed(text)


def looking_for(text: str) -> tuple[Seen, ...]:
    """Return what is seen where a text is looked for on a page."""
    return seen("Esc end search"), typed(text)


def task_of(experiment: str, typing: str, task: str, *patterns: str) -> tuple[Seen, ...]:
    """Return what is seen on the way to a Task of an experiment: the experiment, the search line, the Task.

    Args:
        experiment: Its name.
        typing: The beginning of it, as far as it is typed.
        task: The name of the Task.
        patterns: What else stands there in the end.
    """
    experiments = (*going_to(typing), seen(rf"▌{experiment}▐", "q quit"))
    return (*experiments, seen("Esc show all"), typed(task), seen(rf"^▌ {task}", "q quit", *patterns))


def readme_questions() -> dict[str, tuple[Step, ...]]:
    """Return the questions of the README's table, each with what leads to its answer, in order."""
    table = _TABLE.search(README.read_text())
    rows = [row.strip("|").split(" | ") for row in table[1].splitlines()] if table else []
    return {
        question.strip(): tuple(Step(key or word, bool(key)) for key, word in _STEP.findall(keys))
        for question, keys, *_more in rows
    }


QUESTIONS = readme_questions()


class Session:
    """The program in a terminal, opened as a person opens it: with nothing but the path of a file.

    Args:
        path: The file.
        patience: Seconds in which anything comes.
    """

    def __init__(self, path: Path, patience: float = 120) -> None:
        # So wide that the path of a scratch directory does not take two lines.
        self._terminal = Terminal([*DBVIEW, path], columns=200, rows=50)
        self._patience = patience

    def __enter__(self) -> Session:
        self._terminal.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._terminal.__exit__(None, None, None)

    def ask(self, question: str, cold: Seen, answers: Sequence[Seen]) -> None:
        """Press the keys that the README lists for a question, and wait after each for what is to be seen then.

        Args:
            question: As in the README's table.
            cold: What stands on the first screen when all of it is there.
            answers: What is seen after each step; after the last one the answer.
        """
        self.read(cold)
        for step, answer in zip(QUESTIONS[question], answers, strict=True):
            self._terminal.send(_NAMED.get(step.word, step.word) if step.is_key else answer.typed)
            self.read(answer)

    def read(self, wanted: Seen) -> None:
        """Wait until all that is wanted stands on the screen."""
        self._terminal.wait_for(partial(_shows, wanted.patterns), self._patience)


def _shows(patterns: Sequence[str], text: str) -> bool:
    return all(re.search(pattern, text, re.MULTILINE) for pattern in patterns)
