"""Where files are looked for by a path or a bare name."""

from pathlib import Path

import pytest

from datagen.lookup import bare_names, find_file, is_shipped


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a specification of its own."""
    (tmp_path / "conf" / "gen").mkdir(parents=True)
    (tmp_path / "conf" / "gen" / "own.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bare_name_is_looked_up_in_conf() -> None:
    """With its ending or without; first in the folder, then in what came with the program."""
    assert find_file("own", "gen") == find_file("own.json", "gen") == Path("conf/gen/own.json")
    shipped = find_file("clickstream", "gen")
    assert shipped is not None
    assert shipped.is_absolute()


def test_a_file_comes_before_a_bare_name(folder: Path) -> None:
    """What is there by its path is meant."""
    (folder / "own").write_text("{}")
    assert find_file("own", "gen") == Path("own")


@pytest.mark.parametrize("name", ["", "none", "conf/gen/own", "conf", "a\0b", "x" * 5000])
def test_what_is_no_file_is_not_found(name: str) -> None:
    """Nor are folders, paths without an ending, and names that no file can have."""
    assert find_file(name, "gen") is None


def test_bare_names_are_those_of_both_folders() -> None:
    """Sorted, each once."""
    names = bare_names("gen")
    assert {"own", "clickstream"} <= set(names)
    assert names == sorted(set(names))


def test_what_came_with_the_program_is_known(folder: Path) -> None:
    """By its bare name, unless a file of the folder comes first."""
    assert is_shipped("clickstream", "gen")
    assert not is_shipped("own", "gen")
    assert not is_shipped("/etc/passwd", "gen")
    assert not is_shipped("none", "gen")
    (folder / "conf" / "gen" / "clickstream.json").write_text("{}")
    assert not is_shipped("clickstream", "gen")
