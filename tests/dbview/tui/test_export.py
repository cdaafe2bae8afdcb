"""Writing what a table shows into a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import SortKey, View
from tests.dbview.database import Database

from .conftest import Look


@pytest.fixture
def peaks(database: Database) -> Path:
    """Return a file with ten entries."""
    entries = [{"n": number, "note": f"note {number}", "valid_flag": 1} for number in range(10)]
    database.task("Peaks", {"n": "INTEGER", "note": "TEXT"}, entries)
    return database.path


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Return a directory apart from the data."""
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


async def test_what_is_seen_is_what_is_written(peaks: Path, there: Path, look: Look) -> None:
    view = View("Peaks", "n>6", (SortKey("n"),), ("id", "note"))
    async with look(peaks, view, size=(160, 40)) as viewer:
        await viewer.until_shown("3 of 10", "note 9")
        await viewer.press("w")
        await viewer.until_shown("write to which file")
        await viewer.paste(str(there / "out.csv"))
        await viewer.press("enter")
        await viewer.until(lambda: f"Written:3rows,{there / 'out.csv'}" in viewer.said)
    lines = (there / "out.csv").read_text().splitlines()
    assert lines == ["id,result.task_status,note", "8,,note 7", "9,,note 8", "10,,note 9"]


async def test_a_file_that_is_there_is_asked_about(peaks: Path, there: Path, look: Look) -> None:
    file = there / ("a_file_with_a_long_name" * 8 + ".jsonl")
    file.write_text("mine")
    async with look(peaks, View("Peaks"), size=(160, 40)) as viewer:
        await viewer.until_shown("10 entries", "note 9")
        for answer, remains in (("n", True), ("y", False)):
            await viewer.press("w")
            await viewer.until_shown("write to which file")
            await viewer.paste(str(file))
            await viewer.press("enter")
            await viewer.until_told("is there already: write it all the same?")
            await viewer.press(answer, "enter")
            await viewer.until(lambda: "y/N:" not in viewer.text)
            if remains:
                assert file.read_text() == "mine"
        await viewer.until_shown("Written:")
    assert len(file.read_text().splitlines()) == 10


async def test_beside_the_data_is_asked_about_and_an_odd_name_refused(peaks: Path, look: Look) -> None:
    async with look(peaks, View("Peaks"), size=(160, 40)) as viewer:
        await viewer.until_shown("10 entries", "note 9")
        await viewer.press("w")
        await viewer.until_shown("write to which file")
        await viewer.paste(str(peaks.parent / "out.csv"))
        await viewer.press("enter")
        await viewer.until_told("would stand beside the database")
        await viewer.press("escape", "w")
        await viewer.until_shown("write to which file")
        await viewer.type("out")
        await viewer.press("enter")
        await viewer.until_shown("the ending of the name tells the format")
    assert not (peaks.parent / "out.csv").exists()
