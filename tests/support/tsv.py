"""Plain readers of TSV, each written from the documentation of the program that it stands for."""

from collections.abc import Callable, Iterator, Mapping

Row = list[str | None]
Reader = Callable[[str], list[Row]]
_POSTGRESQL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CLICKHOUSE = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}  # fmt: skip
_MARIADB = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def postgresql(text: str) -> list[Row]:
    r"""Read as COPY does: lines end at a line feed, `\.` alone ends the data, `\N` is null.

    https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". A backslash before any other
    character stands for that character; octal and hexadecimal codes are bytes.
    """
    lines = text.removesuffix("\n").split("\n")
    assert "\r" not in text, "COPY FROM: literal carriage return found in data"
    assert r"\." not in lines, "the end of the data"
    return [[_cell(cell, _POSTGRESQL, codes=True) for cell in line.split("\t")] for line in lines]


def clickhouse(text: str) -> list[Row]:
    r"""Read as TabSeparated does: https://clickhouse.com/docs/en/interfaces/formats/TabSeparated."""
    lines = text.removesuffix("\n").split("\n")
    return [[_cell(cell, _CLICKHOUSE, codes=True) for cell in line.split("\t")] for line in lines]


def mariadb(text: str) -> list[Row]:
    r"""Read as LOAD DATA does by default: fields end at a tab, lines at a line feed, `\` escapes.

    https://mariadb.com/kb/en/load-data-infile/: an escaped tab or line feed is one of the cell.
    """
    rows: list[Row] = [[]]
    start = place = 0
    while place < len(text):
        if text[place] in "\t\n":
            rows[-1].append(_cell(text[start:place], _MARIADB, codes=False))
            if text[place] == "\n":
                rows.append([])
            start = place + 1
        place += 2 if text[place] == "\\" else 1
    return rows[:-1]


READERS: Mapping[str, Reader] = {
    "postgresql": postgresql,
    "clickhouse": clickhouse,
    "mariadb": mariadb,
}


def _cell(cell: str, escapes: Mapping[str, str], *, codes: bool) -> str | None:
    return None if cell == r"\N" else "".join(_characters(cell, escapes, codes=codes))


def _characters(cell: str, escapes: Mapping[str, str], *, codes: bool) -> Iterator[str]:
    place = 0
    while place < len(cell):
        character = cell[place]
        if character != "\\":
            yield character
            place += 1
            continue
        escaped = cell[place + 1]
        assert not codes or escaped not in "01234567x", "a code, which no cell of ours has"
        yield escapes.get(escaped, escaped)
        place += 2
