"""Five hundred broken files, the same each time: read as far as they go or refused in words, and left as they are."""

from __future__ import annotations

import contextlib
import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbview.cli import exit_codes
from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.query.view import SortKey, View
from dbview.source.entries.record import read_record
from dbview.source.numbers.tally import tally
from dbview.source.reader import Reader
from dbview.source.source import Source, open_source
from dbview.source.view.arrange import arrange
from recorder.layout.tables import DATABASE_FILE
from tests.conftest import ROOT
from tests.terminal import DBVIEW, ENTER, PATIENCE, Terminal

Damage = Callable[[random.Random, bytearray, int], None]
"""Break the content of a file, whose pages have so many bytes."""

KINDS = [(journal, page_size) for journal in ("delete", "wal") for page_size in (512, 4096)]
FILES_OF_A_KIND = 130
FILES_IN_A_TERMINAL = 3

LOOKING = "import sys; from tests.faults.test_viewer_fuzzed import look_at_all; look_at_all(*sys.argv[1:])"

ORDERS_TO_THE_TERMINAL = (b"\x1b]2;broken\x07", b"\x1bPbroken\x1b\\", b"\xc2\x9b21t", b"\x1b[21t", b"\x07\x08\x0c\x0e")
"""Its title, a string, two ways to ask for the title, and a bell, a step back, a new page and another alphabet."""
WORDS = (
    *ORDERS_TO_THE_TERMINAL,
    *(b"WITHOUT ROWID", b"AS (id)", b"VIRTUAL TABLE", b"CREATE VIEW", b"REFERENCES", b"PRIMARY KEY", b"COLLATE odd"),
    *(b"sqlite_x", b'"', b"'", b"`", b"[", b"(", b")", b",", b";", b"--", b"/*", b"\0", b"\xff\xfe", b"\xed\xa0\x80"),
)
OF_A_SCHEMA = re.compile(rb"CREATE|TABLE|INDEX|INTEGER|PRIMARY|KEY|AUTOINCREMENT|TEXT|REAL|BLOB|DATETIME|UNIQUE|id")
OWN_ORDER = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[78=>]|\([0B])|[\r\n]")
"""What a program moves the cursor and chooses colours with; nothing that a terminal would answer or keep."""

HEADER_FIELDS = (16, 18, 19, 20, 21, 22, 23, *range(24, 72, 4), 92, 96)
"""Where the fields of the header begin (https://sqlite.org/fileformat2.html)."""


def flip(chance: random.Random, content: bytearray, _page_size: int) -> None:
    for _ in range(chance.choice((1, 20, 400))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def cut(chance: random.Random, content: bytearray, page_size: int) -> None:
    end = chance.randrange(len(content))
    del content[end - end % page_size if chance.random() < 0.5 else end :]


def duplicate_pages(chance: random.Random, content: bytearray, page_size: int) -> None:
    pages = pages_of(content, page_size)
    for _ in range(chance.randint(1, 8)):
        pages[chance.randrange(len(pages))] = chance.choice(pages[1:] or pages)
    content[:] = b"".join(pages)


def zero_pages(chance: random.Random, content: bytearray, page_size: int) -> None:
    pages = pages_of(content, page_size)
    for _ in range(chance.randint(1, 8)):
        number = chance.randrange(1, len(pages)) if len(pages) > 1 else 0
        pages[number] = bytes(page_size)
    content[:] = b"".join(pages)


def shuffle_pages(chance: random.Random, content: bytearray, page_size: int) -> None:
    pages = pages_of(content, page_size)
    first = chance.randrange(1, len(pages)) if len(pages) > 1 else 0
    some = pages[first : first + chance.choice((2, 10, len(pages)))]
    chance.shuffle(some)
    pages[first : first + len(some)] = some
    content[:] = b"".join(pages)


def overwrite_header(chance: random.Random, content: bytearray, _page_size: int) -> None:
    for place in chance.sample(HEADER_FIELDS, chance.randint(1, 3)):
        value = chance.choice((b"\0", b"\xff", b"\0\0\0\2", b"\x7f\xff\xff\xff", chance.randbytes(4)))
        content[place : place + len(value)] = value


def break_page_heads(chance: random.Random, content: bytearray, page_size: int) -> None:
    """Break what tells where the cells of a page are, and which pages are below it."""
    for _ in range(chance.randint(1, 10)):
        start = page_size * chance.randrange(1 + len(content) // page_size)
        content[start + chance.randrange(40) : start + 40] = chance.randbytes(chance.randrange(1, 5))


def reword_schema(chance: random.Random, content: bytearray, _page_size: int) -> None:
    """Put odd words in the place of a schema's, as long as those."""
    for found in chance.choices([*OF_A_SCHEMA.finditer(content)] or [re.match(b"", b"")], k=chance.choice((1, 3, 30))):
        if found:
            overwrite(content, found.start(), chance.choice(WORDS)[: len(found[0])].ljust(len(found[0])))


def overwrite_cells(chance: random.Random, content: bytearray, _page_size: int) -> None:
    for _ in range(chance.choice((3, 50, 500))):
        overwrite(content, chance.randrange(len(content)), chance.choice((*WORDS, chance.randbytes(9))))


def give_orders(_chance: random.Random, content: bytearray, _page_size: int) -> None:
    """Let every text that is shown first, wherever it stands, be an order to the terminal."""
    for name in (b"FindPeaks", b"MakePowder", b"mfx", b"COMPLETED", b"FAILED"):
        for found in [*re.finditer(name, content)]:
            order = ORDERS_TO_THE_TERMINAL[found.start() % len(ORDERS_TO_THE_TERMINAL)]
            overwrite(content, found.start(), order[: len(name)])


DAMAGES: tuple[Damage, ...] = (
    *(flip, cut, duplicate_pages, zero_pages, shuffle_pages, overwrite_header, break_page_heads, reword_schema),
    *(overwrite_cells, give_orders),
)


def pages_of(content: bytearray, page_size: int) -> list[bytes]:
    return [bytes(content[start : start + page_size]) for start in range(0, len(content), page_size)]


def overwrite(content: bytearray, start: int, by: bytes) -> None:
    content[start : start + len(by)] = by


def recorded(directory: Path, journal: str, page_size: int) -> Iterator[Path]:
    """Give the directory of a recorded database; with a write-ahead log, it holds the last entries."""
    subprocess.run([sys.executable, "-m", "recorder.demo", str(directory)], check=True, cwd=ROOT, capture_output=True)
    with contextlib.closing(sqlite3.connect(directory / DATABASE_FILE, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=delete").fetchall()
        connection.execute(f"PRAGMA page_size={page_size}")
        connection.execute("VACUUM")
        # More rows than are looked at in one step.
        connection.execute("CREATE TABLE plain(a, b TEXT)")
        numbers = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 3000)"
        connection.execute(f"INSERT INTO plain {numbers} SELECT n, 'COMPLETED' FROM number")
        connection.execute(f"PRAGMA journal_mode={journal}").fetchall()
        connection.execute("UPDATE FindPeaks SET valid_flag = 1 - valid_flag")
        yield directory


@pytest.fixture(params=KINDS, ids=str)
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "whole").mkdir()
    yield from recorded(tmp_path / "whole", *request.param)


def broken(seed: int, whole: Path, directory: Path, *always: Damage) -> Path:
    """Make the broken copy of a database that belongs to a seed; return its file."""
    chance = random.Random(seed)
    contents = {path.name: bytearray(path.read_bytes()) for path in whole.glob(f"{DATABASE_FILE}*")}
    page_size = int.from_bytes(contents[DATABASE_FILE][16:18], "big")
    for end in chance.choice(((), ("-shm",), ("-shm", "-wal"))):
        contents.pop(DATABASE_FILE + end, None)
    # A log is broken only where it has no index.
    log = None if f"{DATABASE_FILE}-shm" in contents else contents.get(f"{DATABASE_FILE}-wal")
    for damage in (*always, *chance.choices(DAMAGES, k=chance.choice((1, 1, 2, 3)))):
        damage(chance, log if log and chance.random() < 0.3 else contents[DATABASE_FILE], page_size)
    directory.mkdir()
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return directory / DATABASE_FILE


def look_at_all(whole: str, directory: str, first: str, last: str) -> None:
    """Look at broken files, in a process of its own; say of each its seed before, and how far it could be read."""
    for seed in range(int(first), int(last)):
        print(seed, end=" ", flush=True)
        file = broken(seed, Path(whole), Path(directory, str(seed)))
        before = state(file.parent)
        try:
            with contextlib.closing(open_source(file)) as source, contextlib.closing(source.reader()) as reader:
                refused = sum(not looked_at(source, reader, relation) for relation in source.relations())
        except DbviewError:
            print("refused")
        else:
            print("in part" if refused else "read")
        if state(file.parent) != before:
            raise AssertionError(f"looking at the file of seed {seed} changed its directory")


def looked_at(source: Source, reader: Reader, relation: Relation) -> bool:
    """Look at a relation in all ways; tell whether none met an error."""
    columns = relation.stored
    sort = [SortKey(column.name, descending=bool(place % 2)) for place, column in enumerate(columns[-2:])]

    def records() -> None:
        for row in reader.newest(relation, columns, 2):
            read_record(reader, source.relations(), relation, row.key).masked()

    def arranged() -> None:
        snapshot = arrange(reader, relation, View(relation.name, "e", tuple(sort)), lambda _: None, lambda: False)
        snapshot.order.rows(reader, relation.columns, 0, 5)
        if snapshot.error is not None:
            raise snapshot.error

    def counted() -> None:
        tally(reader, relation, columns[-1:], lambda _: None, lambda: False)

    return sum(went_well(way) for way in (records, arranged, counted)) == 3


def went_well(way: Callable[[], None]) -> bool:
    try:
        way()
    except DbviewError:
        return False
    return True


def state(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_each_is_read_as_far_as_it_goes_or_refused_in_words_and_left_as_it_is(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    command = [sys.executable, "-c", LOOKING, str(whole), str(tmp_path / "broken"), "0", str(FILES_OF_A_KIND)]
    said = tmp_path / "said"
    code: int | str
    with said.open("w") as output:
        try:
            code = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired:
            code = "no end"
    lines = said.read_text().splitlines()
    assert code == 0, f"it ended with {code}:\n" + "\n".join(lines[-30:])
    ends = Counter(line.partition(" ")[2] for line in lines)
    assert ends.total() == FILES_OF_A_KIND
    # Else nothing would have been broken, or nothing read.
    assert set(ends) == {"refused", "in part", "read"}, ends


@pytest.mark.parametrize("seed", range(FILES_IN_A_TERMINAL))
def test_the_terminal_obeys_the_program_alone(whole: Path, tmp_path: Path, seed: int) -> None:
    file = broken(seed, whole, tmp_path / "broken", give_orders)
    before = state(file.parent)
    with Terminal([*DBVIEW, "--no-state", file], columns=250) as terminal:
        terminal.wait_for(file.name)
        is_open = b"\x1b[?1049h" in terminal.raw
        if is_open:
            terminal.send(ENTER)
            terminal.send("q")
        assert terminal.wait_for_exit() in exit_codes()
        assert not is_open or terminal.restored()
        foreign = OWN_ORDER.sub(b"", bytes(terminal.raw)).decode()
    assert not re.findall(r"[\x00-\x1f\x7f-\x9f]", foreign)
    assert not any(order in terminal.raw for order in ORDERS_TO_THE_TERMINAL)
    assert state(file.parent) == before
