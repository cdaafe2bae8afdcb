"""Which texts name paths, and where these are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.paths import located, makes, paths_in


@pytest.mark.parametrize(
    ("text", "name", "paths"),
    [
        ("/data/out.h5", "", ["/data/out.h5"]),
        ("/data/my run/out.h5", "", ["/data/my run/out.h5"]),
        ("/data/a.mtz;/data/b.pdb", "", ["/data/a.mtz", "/data/b.pdb"]),
        ("/data/a.mtz, /data/b.pdb", "", ["/data/a.mtz", "/data/b.pdb"]),
        ("/data/a,b.mtz", "", ["/data/a,b.mtz"]),
        ("/data/r1.hkl1 /data/r1.hkl", "", ["/data/r1.hkl1", "/data/r1.hkl"]),
        ("/bin/mpirun -n 4 /bin/psana --fast", "", ["/bin/mpirun", "/bin/psana"]),
        ("/data/*.h5", "", ["/data/*.h5"]),
        ("~/out.h5", "", ["~/out.h5"]),
        ("file:///data/a%20b.h5", "", ["file:///data/a%20b.h5"]),
        ("$SCRATCH/out.h5", "", ["$SCRATCH/out.h5"]),
        ("${SCRATCH}/out.h5", "", ["${SCRATCH}/out.h5"]),
        ("results/out.h5", "", ["results/out.h5"]),
        ("../geom/0012.geom", "", ["../geom/0012.geom"]),
        ("peaks.h5", "in_file", ["peaks.h5"]),
        ("a.h5,b.h5", "in_files", ["a.h5", "b.h5"]),
        ("results", "outdir", []),
        ("results/cxi", "outdir", ["results/cxi"]),
        ("peaks.h5", "mode", []),
        ("ipm_dg2/sum", "ipm_var", []),
        ("4/mmm_uac", "symmetry", []),
        ("5,5,5,1.5", "tolerance", []),
        ("1.5", "file", []),
        ("https://example.org/ws/lgbk.html", "url", []),
        ("/", "root", []),
        ("// a remark", "", []),
        ("/* a remark */", "", []),
        ("/data/a\nb", "", []),
        ("", "path", []),
        ("/" + "x" * 5000, "", []),
        ("$5/hour", "cost", ["$5/hour"]),
    ],
)
def test_a_path_is_known_by_its_form_or_by_its_name(text: str, name: str, paths: list[str]) -> None:
    assert list(paths_in(text, name)) == paths


@given(st.text(), st.text())
def test_whatever_a_text_holds_each_path_is_a_part_of_it(text: str, name: str) -> None:
    found = paths_in(text, name)
    assert all(path and path in text for path in found)
    assert len(set(found)) == len(found)
    for path in found:
        place, words = located(path, "/base", {})
        assert place is not None or words


@given(st.lists(st.from_regex(r"/[a-z]{1,5}(/[a-z]{1,5}){0,3}\.h5", fullmatch=True), min_size=1, unique=True))
@pytest.mark.parametrize("separator", [";", "; ", ",", ", ", " "])
def test_paths_in_one_text_are_told_apart(separator: str, paths: list[str]) -> None:
    assert list(paths_in(separator.join(paths))) == paths


@pytest.mark.parametrize(
    ("path", "place", "words"),
    [
        ("/data/out.h5", "/data/out.h5", ""),
        ("out/a.h5", "/runs/out/a.h5", "from /runs"),
        ("../a.h5", "/a.h5", "from /runs"),
        ("file:///data/a%20b.h5", "/data/a b.h5", ""),
        ("file://localhost/a.h5", "/a.h5", ""),
        ("file://node7/a.h5", None, "it is on node7"),
        ("$LUTE_PATH/a.h5", "/lute/a.h5", "$LUTE_PATH as it was recorded"),
        ("${LUTE_PATH}/a.h5", "/lute/a.h5", "$LUTE_PATH as it was recorded"),
        ("$SCRATCH/a.h5", None, "what $SCRATCH was is not recorded"),
        ("$TOKEN/a.h5", None, "what $TOKEN was is not recorded"),
        ("~/a.h5", "/home/ann/a.h5", "~ is your own home"),
    ],
)
def test_a_path_is_found_without_guessing(
    path: str, place: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("SCRATCH", "/not/the/one/of/the/task")
    assert located(path, "/runs", {"LUTE_PATH": "/lute", "TOKEN": "***"}) == (place, words)


def test_what_a_task_makes_is_told_by_the_name() -> None:
    assert all(map(makes, ("out_file", "outDir", "lute.output_path", "my_out")))
    assert not any(map(makes, ("in_file", "route", "timeout", "cell_file")))
