"""The table of the README: every question has its keys, and none takes more than six."""

from __future__ import annotations

from tests.questions import test_demo, test_old_layout, test_sample
from tests.questions.asking import QUESTIONS

MOST_KEYS = 6
"""So many keys are allowed for a question; text that is typed into a bar is not counted."""


def test_no_question_takes_more_than_six_keys() -> None:
    keys = {question: sum(step.is_key for step in steps) for question, steps in QUESTIONS.items()}
    assert len(keys) >= 10
    assert all(1 <= count <= MOST_KEYS for count in keys.values()), keys


def test_every_question_of_the_table_is_asked_of_each_file() -> None:
    for asked in (test_demo, test_old_layout, test_sample):
        assert asked.ANSWERS.keys() == QUESTIONS.keys(), asked.__name__
