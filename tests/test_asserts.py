"""Where Python drops asserts, as production does, the tests still fail when they should (`make optimized`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def test_an_assert_of_a_test_counts() -> None:
    with pytest.raises(AssertionError):
        assert not "anything"


def test_what_pytest_does_not_rewrite_raises_instead() -> None:
    """That is: what test modules share, and code given to another interpreter."""
    assert [f"{path.relative_to(TESTS)}:{line}" for path in TESTS.rglob("*.py") for line in dropped(path)] == []


def dropped(path: Path) -> Iterator[int]:
    """Yield the lines of a file whose asserts Python drops when told to."""
    is_rewritten = path.name.startswith("test_") or path.name == "conftest.py"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assert) and not is_rewritten:
            yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            yield from (node.lineno for line in node.value.splitlines() if line.strip().startswith("assert "))
