"""What an Executor knows of a failure is kept, whatever it is."""

from __future__ import annotations

import logging
import pathlib
import signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import Entry
from recorder.accept import accept
from recorder.failure import CUT, OUTPUT_LIMIT
from tests.recorder.analyses import analysis
from tests.recorder.strategies import texts, values


@pytest.mark.parametrize(
    ("failure", "kept"),
    [
        ({"return_code": 1}, {"return_code": 1}),
        ({"return_code": -9}, {"return_code": -9, "signal": "SIGKILL"}),
        ({"signal": 15}, {"signal": "SIGTERM"}),
        ({"signal": signal.SIGSEGV}, {"signal": "SIGSEGV"}),
        ({"signal": "SIGBUS"}, {"signal": "SIGBUS"}),
        ({"signal": 4711}, {"signal": "4711"}),
        ({"return_code": "3"}, {"return_code": 3}),
        ({"return_code": "-9"}, {"return_code": -9, "signal": "SIGKILL"}),
        ({"return_code": 2.0}, {"return_code": 2}),
        ({"return_code": "?", "signal": None}, {"output": "return code: ?"}),
        ({"return_code": 2.5, "output": "died"}, {"output": "died\nreturn code: 2.5"}),
        ({"return_code": 2**80}, {"output": f"return code: {2**80}"}),
        ({"output": b"a\xffb"}, {"output": "a\\xffb"}),
        (
            {"output": "Traceback ...", "log": pathlib.Path("/logs/1.out")},
            {"output": "Traceback ...", "log": "/logs/1.out"},
        ),
        ("Traceback ...", {"output": "Traceback ..."}),
        ({}, {}),
        (None, {}),
    ],
)
def test_what_is_known_of_a_failure_is_kept(failure: Any, kept: dict[str, Any]) -> None:
    assert accept(analysis(status="FAILED"), failure=failure).failure == kept


def test_what_is_not_kept_of_a_failure_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "recorder"):
        assert accept(analysis(), failure={"exit_code": 3, "\ud800": 4, "output": "x"}).failure == {"output": "x"}
    assert "exit_code" in caplog.text
    assert caplog.text.isascii()


def test_an_output_that_raises_when_it_is_looked_at_is_an_entry() -> None:
    class Lying:
        @property
        def __class__(self) -> Any:
            raise RuntimeError

    released = memoryview(b"x")
    released.release()
    for output in (Lying(), released):
        assert accept(analysis(), failure={"output": output, "return_code": 3}).failure["return_code"] == 3


@given(st.one_of(values, st.dictionaries(st.sampled_from(["return_code", "signal", "output", "log"]), values)))
def test_whatever_is_said_of_a_failure_is_an_entry(failure: Any) -> None:
    entry = accept(analysis(), failure=failure)
    assert Entry.from_json(entry.to_json()) == entry


@given(st.sampled_from(["a", "é", "漢", "\U0001f300", "\udcff"]), st.integers(-4, 4), texts)
def test_the_end_of_an_output_is_kept_whole_characters(character: str, more: int, end: str) -> None:
    size = len(character.encode("utf-8", "surrogatepass"))
    output = character * ((OUTPUT_LIMIT + more) // size) + end
    kept = accept(analysis(), failure={"output": output}).failure["output"]
    if kept == output:
        assert len(output.encode("utf-8", "surrogatepass")) <= OUTPUT_LIMIT
        return
    assert kept.startswith(CUT)
    assert output.endswith(kept[len(CUT) :])
    assert OUTPUT_LIMIT - 4 < len(kept[len(CUT) :].encode("utf-8", "surrogatepass")) <= OUTPUT_LIMIT
