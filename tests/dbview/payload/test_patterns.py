"""Patterns stand for the files that a shell would find; numbers as printf writes them."""

from __future__ import annotations

import glob
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.payload import patterns
from dbview.payload.files import Presence, file_state
from dbview.payload.patterns import matching

NAMES = st.text("ab1.", min_size=1, max_size=4).filter(lambda name: name.strip("."))


@settings(deadline=None, max_examples=60)
@given(st.sets(st.tuples(NAMES, NAMES), max_size=8), st.text("ab1*?.", min_size=1, max_size=4), st.booleans())
def test_a_pattern_finds_what_a_shell_would(files: set[tuple[str, str]], pattern: str, in_directory: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        for directory, name in files:
            (Path(place) / directory).mkdir(exist_ok=True)
            (Path(place) / directory / name).touch()
        whole = f"{place}/{pattern}/a*" if in_directory else f"{place}/*/{pattern}"
        if pattern.strip(".") and not (in_directory and not set(pattern) & set("*?")):
            assert list(matching(whole).paths) == sorted(glob.glob(whole))  # noqa: PTH207


def test_numbers_have_as_many_digits_as_the_pattern_says(tmp_path: Path) -> None:
    for name in ("frame_0001.tif", "frame_0002.tif", "frame_12345.tif", "frame_x001.tif", ".frame_0003.tif"):
        (tmp_path / name).touch()
    four, any_number = f"{tmp_path}/frame_%04d.tif", f"{tmp_path}/frame_%d.tif"
    assert [Path(path).name for path in matching(four).paths] == ["frame_0001.tif", "frame_0002.tif"]
    assert len(matching(any_number).paths) == 3
    assert file_state(four).words() == "here · pattern · 2 match"


def test_a_pattern_without_files_is_gone_or_not_here(tmp_path: Path) -> None:
    assert file_state(f"{tmp_path}/*.h5").words() == "gone · pattern · nothing matches"
    missing = file_state(f"{tmp_path}/scratch/run/*.h5")
    assert missing.words() == f"not here · pattern · no {tmp_path}/scratch"


def test_a_file_with_such_a_name_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a[1]*.h5").write_bytes(b"xyz")
    state = file_state(f"{tmp_path}/a[1]*.h5")
    assert (state.presence, state.kind, state.size) == (Presence.HERE, "file", 3)


def test_of_very_many_files_only_so_many_are_counted(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.h5").touch()
    before = patterns.MOST_MATCHES
    try:
        patterns.MOST_MATCHES = 10
        found = matching(f"{tmp_path}/*.h5")
    finally:
        patterns.MOST_MATCHES = before
    assert (len(found.paths), found.has_more) == (10, True)
