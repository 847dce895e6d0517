"""The shells complete flags, words and bare names; bash itself is asked, zsh and fish where they are."""

import os
import pty
import re
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from datagen.cli.completion import completion
from datagen.cli.parser import parser

ASK = """
{script}
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
name=$(complete -p {program}); name=${{name#*-F }}; ${{name%% *}}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(line: str, folder: Path, program: str = "datagen") -> list[str]:
    """Return what bash offers after a line, whose last word may be empty."""
    script = completion("bash", parser())
    words = " ".join(f"'{word}'" for word in [program, *line.split(" ")])
    done = subprocess.run(
        ["bash", "-uc", ASK.format(script=script, words=words, program=program)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-c payments -c web", ["web_access"]),
        ("-c pay", ["payments"]),
        ("--config cl", ["clickstream"]),
        ("-c zz", ["zz_mine"]),
        ("-t par", ["parquet"]),
        ("-t here", ["here.json"]),
        ("--schedule off", ["office"]),
        ("-f ncsa", ["ncsa_combined", "ncsa_common"]),
        ("--catch-up ", ["history", "skip"]),
        ("-c example --re", ["--records", "--report", "--resume", "--resume-anyway"]),
        ("-n ", []),
    ],
)
def test_bash_completes(line: str, words: list[str], tmp_path: Path) -> None:
    """Also names of ./conf and paths, where the value is a file."""
    (tmp_path / "conf" / "gen").mkdir(parents=True)
    (tmp_path / "conf" / "gen" / "zz_mine.json").touch()
    (tmp_path / "here.json").touch()
    assert completed(line, tmp_path) == words
    assert completed(line, tmp_path, "generator.py") == words


def test_flags_that_are_not_shown_are_not_offered(tmp_path: Path) -> None:
    """Old spellings are read, and nobody should learn them."""
    offered = completed("--", tmp_path)
    assert "--validate" in offered
    assert "--debug" not in offered


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here")
@pytest.mark.parametrize(("line", "word"), [("-c pay", "payments"), ("--catch-up h", "history")])
def test_fish_completes(line: str, word: str, tmp_path: Path) -> None:
    script = completion("fish", parser())
    done = subprocess.run(
        ["fish", "-c", f"{script}\ncomplete -C 'datagen {line}'"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert word in done.stdout.split()


def test_fish_has_a_line_for_every_flag() -> None:
    """With what it does."""
    lines = completion("fish", parser()).splitlines()
    assert "complete -c datagen -s c -l config -d 'generator specification, JSON or YAML: a path, a bare name such as clickstream, or - for stdin' -r -F" in next(line for line in lines if " -l config " in line)  # fmt: skip
    shown = [each for each in parser()._actions if each.help != "==SUPPRESS=="]
    assert sum(line.startswith("complete -c datagen ") for line in lines) == len(shown)


class Zsh:
    """A zsh at a terminal of its own, that has read the completion; what it runs as datagen prints its words."""

    def __init__(self, folder: Path) -> None:
        (folder / "completion.zsh").write_text(completion("zsh", parser()))
        (folder / "home").mkdir()
        self._terminal, inner = pty.openpty()
        environment = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "TERM": "dumb"}
        self._process = subprocess.Popen(
            ["zsh", "-f", "-i"], cwd=folder, env=environment, start_new_session=True,
            stdin=inner, stdout=inner, stderr=inner,
        )  # fmt: skip
        os.close(inner)
        self.typed("compaudit() { : }; source ./completion.zsh\n")
        self.typed(
            'datagen() { print -r -- "<$*>" }; functions[generator.py]=$functions[datagen]\n'
        )
        self.typed("print -r -- '<'ready'>'\n")
        assert self.answer() == "ready"

    def typed(self, keys: str) -> None:
        """Type keys."""
        os.write(self._terminal, keys.encode())

    def answer(self) -> str:
        """Return what it prints next between < and > on a line of its own."""
        shown = ""
        while not (found := re.search(r"^<(.*)>\r?$", shown, re.MULTILINE)):
            ready, _, _ = select.select([self._terminal], [], [], 30)
            assert ready, shown
            shown += os.read(self._terminal, 65_536).decode(errors="replace")
        return found[1]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@pytest.fixture(scope="module")
def zsh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zsh]:
    """Return one zsh for all lines: it takes a moment to start."""
    folder = tmp_path_factory.mktemp("zsh")
    (folder / "conf" / "gen").mkdir(parents=True)
    (folder / "conf" / "gen" / "zz_mine.json").touch()
    (folder / "here.json").touch()
    with closing(Zsh(folder)) as made:
        yield made


@pytest.mark.skipif(not shutil.which("zsh") and not os.environ.get("CI"), reason="zsh is not here")
@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("datagen -c pay", "-c payments"),
        ("generator.py -c pay", "-c payments"),
        ("datagen -c zz", "-c zz_mine"),
        ("datagen --catch-up h", "--catch-up history"),
        ("datagen -c example --resume-a", "-c example --resume-anyway"),
        ("datagen -t her", "-t here.json"),
        ("datagen -n 5 --debu", "-n 5 --debu"),
    ],
)
def test_zsh_completes(zsh: Zsh, line: str, whole: str) -> None:
    """As the key Tab does for a person: values, names of ./conf, files, flags; old spellings are left alone."""
    zsh.typed(f"{line}\t\n")
    assert zsh.answer() == whole


def test_zsh_takes_the_completion_of_bash() -> None:
    """By its own bashcompinit."""
    assert "bashcompinit" in completion("zsh", parser())
    assert completion("bash", parser()) in completion("zsh", parser())
