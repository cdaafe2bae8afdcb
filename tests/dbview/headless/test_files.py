"""``dbview show``: whether the files that an entry names are still there."""

from __future__ import annotations

import json
import os

from tests.dbview.database import Database

from .conftest import answer


def test_files_are_told_as_data_and_as_text(database: Database) -> None:
    directory = database.path.parent
    (directory / "out.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    os.utime(directory / "out.h5", (1_000_000, 1_000_000))
    row = {"in_file": "/no/such/raw.xtc", "mask\x1b": "calib/*.npy", "result.payload": f"{directory}/out.h5"}
    database.task("Index", {"in_file": "TEXT", "mask\x1b": "TEXT"}, [{**row, "result.task_status": "COMPLETED"}])
    database.connection.close()
    given, mask, made = json.loads(answer("show", database.path, "Index", 1, "--format", "json").out)["files"]
    assert (given["name"], given["presence"], given["reason"], given["made"]) == (
        "in_file",
        "not here",
        "no /no",
        False,
    )
    assert (mask["presence"], mask["place"]) == ("not here", f"{directory}/calib/*.npy")
    assert made == {
        "name": "payload",
        "path": f"{directory}/out.h5",
        "made": True,
        "place": f"{directory}/out.h5",
        "presence": "here",
        "kind": "HDF5 file",
        "size": 8,
        "count": None,
        "modified": 1_000_000.0,
        "reason": "",
    }
    text = answer("show", database.path, "Index", 1).out
    assert "  in  in_file: /no/such/raw.xtc (not here · no /no)\n" in text
    assert f"  in  mask␛: calib/*.npy (not here · pattern · no {directory}/calib · from {directory})\n" in text
    assert f"  out payload: {directory}/out.h5 (here · HDF5 file · 8 B · " in text
