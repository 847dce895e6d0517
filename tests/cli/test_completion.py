"""The shells complete flags, words and bare names; bash itself is asked, zsh and fish where they are."""

import shutil
import subprocess
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


def test_zsh_takes_the_completion_of_bash() -> None:
    """By its own bashcompinit."""
    assert "bashcompinit" in completion("zsh", parser())
    assert completion("bash", parser()) in completion("zsh", parser())
