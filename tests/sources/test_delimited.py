"""CSV and TSV: cells, quotes, lines, and their mistakes."""

import csv
import random
from typing import Any

import pytest

from datagen.replay import passes
from tests.support.replays import (
    DAY,
    Spec,
    out,
    replayed,
    rows_of,
    spec_of,
    tried,
    write,
)


def test_types_turn_cells_into_values() -> None:
    """Empty cells are null, leading zeros go, and all other columns stay texts."""
    write("t,i,f,b,s\n2020-01-01,+007,1e3,True,1\n2020-01-02,,,,\n2020-01-03,-5,.5,0,2\n")
    types = {"i": "int", "f": "float", "b": "bool"}
    assert [list(each.values())[1:] for each in replayed(spec_of(types=types, loop=False))] == [
        [7, 1000.0, True, "1"],
        [None, None, None, ""],
        [-5, 0.5, False, "2"],
    ]


def random_table(chance: random.Random) -> list[list[str]]:
    """Return cells with everything that CSV has to quote."""
    texts = ["", "a", '"', '""', ",", "\n", "\r\n", "é", 'x"y', " ", "a,b\n\nc", "0", "NULL", "\t"]
    return [["2020-01-01", *("".join(chance.choices(texts, k=chance.randint(0, 3))) for _ in "abc")]
            for _ in range(chance.randint(1, 60))]  # fmt: skip


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_csv_survives_byte_for_byte(quoting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are what Python's csv module reads, also where blocks end anywhere."""
    chance = random.Random(4)
    for turn in range(15):
        rows, end = random_table(chance), chance.choice(["\n", "\r\n"])
        with open("x.csv", "w", newline="") as file:
            csv.writer(file, lineterminator=end, quoting=quoting).writerows([["t", *"abc"], *rows])
        monkeypatch.setattr(passes, "FIRST_READ_BYTES", chance.choice([1, 7, 100, 65_536]))
        monkeypatch.setattr(passes, "MAX_READ_BYTES", chance.choice([50, 400]))
        written = [list(each.values()) for each in replayed(spec_of(loop=False))]
        assert written == [[DAY, *cells] for _, *cells in rows], turn


def test_quotes_in_the_middle_of_cells_open_nothing() -> None:
    """What is no opening quote to a reader is none to whoever cuts the file either."""
    rows = 't,a\n2020-01-01,5" disk\n2020-01-01,"x\ny"\n2020-01-01,7" disk\n2020-01-01,z\n'
    write(rows)
    for size in range(1, 60, 7):
        passes_small = pytest.MonkeyPatch()
        passes_small.setattr(passes, "FIRST_READ_BYTES", size)
        passes_small.setattr(passes, "MAX_READ_BYTES", size)
        values = [each["a"] for each in replayed(spec_of(loop=False))]
        passes_small.undo()
        assert values == ['5" disk', "x\ny", '7" disk', "z"]


@pytest.mark.parametrize("size", [1, 9, 40, 65_536])
def test_tsv_comes_back_as_it_is_written(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escapes, nulls, quotes and blanks; also where blocks end anywhere, and through a sort."""
    monkeypatch.setattr(passes, "FIRST_READ_BYTES", size)
    monkeypatch.setattr(passes, "MAX_READ_BYTES", max(size, 50))
    rows = ["t\ta\\tb\tc", f"{DAY}\t\\N\t", f'{DAY}\tx\\ty\\nz\\\\N\t"q', f'{DAY}\t""\t a ',
            f"{DAY}\t\\\\N\t\\\\"]  # fmt: skip
    text = "\n".join([*rows, ""])
    write(text, "x.tsv")
    spec = spec_of("x.tsv", loop=False)
    assert [list(each.values())[1:] for each in replayed(spec)] == [
        [None, ""], ["x\ty\nz\\N", '"q'], ['""', " a "], ["\\N", "\\"]
    ]  # fmt: skip
    assert list(replayed(spec)[0]) == ["t", "a\tb", "c"]
    assert out(spec, "--tsv") == text
    assert out({**spec, "sort": True}, "--tsv") == text


def test_types_of_tsv_have_nulls() -> None:
    """A null is one in any type, and an empty cell in all but texts."""
    write("t\ti\tf\ts\n2020-01-01\t\\N\t1\t\\N\n2020-01-02\t1\t\\N\t\n2020-01-03\t\t\t-\n", "x.tsv")
    spec = spec_of("x.tsv", loop=False, types={"i": "int", "f": "float"})
    assert [list(each.values())[1:] for each in replayed(spec)] == [
        [None, 1.0, None], [1, None, ""], [None, None, "-"]
    ]  # fmt: skip


def test_time_that_is_null_is_an_error() -> None:
    """There is no instant at which the record could come."""
    write("t\ta\n2020-01-01\t1\n\\N\t2\n", "x.tsv")
    assert "x.tsv: line 3: has no time" in tried(spec_of("x.tsv", loop=False)).err


def test_tsv_with_quotes_is_csv() -> None:
    """The other kind is asked for; who does not is warned."""
    write('t\ta\tb\n2020-01-01\t"x\ty"\t""\n2020-01-02\t"p\nq"\tC:\\temp\n', "x.tsv")
    spec = spec_of("x.tsv", loop=False, source_format="csv", delimiter="\t")
    assert [list(each.values())[1:] for each in replayed(spec)] == [
        ["x\ty", ""], ["p\nq", "C:\\temp"]
    ]  # fmt: skip
    write('t\ta\n2020-01-01\t"x"\n', "x.tsv")
    told = tried(spec_of("x.tsv", loop=False)).err
    assert (
        'x.tsv: quotes of cells are part of them; if they are those of CSV, set "source_format"'
        in told
    )
    assert "quotes of cells" not in tried(spec).err


def test_cells_of_csv_may_have_another_delimiter() -> None:
    """As it is written: `{"type": "csv", "delimiter": ";"}`."""
    write('t;a\n2020-01-01;"x;y"\n2020-01-02;1,5\n')
    spec = spec_of(loop=False, delimiter=";")
    assert [each["a"] for each in replayed(spec)] == ["x;y", "1,5"]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"delimiter": ";;"}, "delimiter: expected one ASCII character that is not a quote"),
        (
            {"delimiter": ";", "source_format": "tsv"},
            "delimiter: is for csv, and the source is tsv",
        ),
    ],
)
def test_wrong_delimiter(keys: Spec, text: str) -> None:
    """Told with its key."""
    write("t,a\n2020-01-01,1\n")
    assert text in tried(spec_of(**keys)).err


def test_byte_order_mark_blank_lines_and_no_last_newline() -> None:
    """They are no part of the data."""
    write("\ufefft,a\r\n\r\n2020-01-01,1\r\n\r\n2020-01-02,2")
    assert [each["a"] for each in replayed(spec_of(loop=False))] == ["1", "2"]
    write("t,a\r2020-01-01,1\r2020-01-02,2\r")
    assert [each["a"] for each in replayed(spec_of(loop=False))] == ["1", "2"]


@pytest.mark.parametrize(
    ("row", "types", "text"),
    [
        ("2030-01-01,1,2", {}, "3 cells, but the header line has 2"),
        ("2030-01-01", {}, "1 cell, but the header line has 2"),
        ("2030-01-01,\udcff", {}, "is not UTF-8 text"),
        ("2030-01-01,1.5", {"n": "int"}, 'n: "1.5" is not a whole number'),
        (
            "2030-01-01,9223372036854775808",
            {"n": "int"},
            'n: "9223372036854775808" does not fit 64 bits',
        ),
        ("2030-01-01,nan", {"n": "float"}, 'n: "nan" is not a number'),
        ("2030-01-01,1e999", {"n": "float"}, 'n: "1e999" is out of range'),
        ("2030-01-01,2", {"n": "bool"}, 'n: "2" is not true or false'),
        (",1", {}, 'time "" is not an ISO 8601 instant'),
        ("2030-02-30,1", {}, 'time "2030-02-30" is not an ISO 8601 instant'),
    ],
)
@pytest.mark.parametrize("before", [2, 4000])
def test_bad_row_is_told_after_the_records_before_it(
    row: str, types: Spec, text: str, before: int
) -> None:
    """Early ones before the run, later ones when the records before have left."""
    rows = [line.partition(",")[0] + ",1" for line in rows_of(before).splitlines()[1:]]
    write("\n".join(["t,n", *rows, row, "2031-01-01,1"]).encode("utf-8", "surrogateescape"))
    outcome = tried(spec_of(loop=False, types=types))
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == f"x.csv: line {before + 2}: {text}"
    assert len(outcome.out.splitlines()) == (before if before > 1000 else 0)
