"""Makes the scripts by which shells complete the flags, and the bare names of files."""

import argparse
from collections.abc import Iterable

from datagen.lookup import bare_names

PROGRAMS = ("datagen", "generator.py")
_FOLDERS = {  # of the bare names that the value of an option may be
    "config": "gen",
    "target": "tar",
    "truth": "tar",
    "schedule": "sched",
    "format": "form",
}
_FILES = {"config", "target", "format", "schedule", "disorder", "truth", "resume", "summary"}


def completion(shell: str, parser: argparse.ArgumentParser) -> str:
    """Return the script of a shell: `bash`, `zsh` or `fish`.

    It starts no program: the shipped names are in it, and those of ./conf are looked up by the shell.
    """
    return _MAKERS[shell](_shown(parser))


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [each for each in parser._actions if each.help != argparse.SUPPRESS]  # noqa: SLF001 - argparse has no other list


def _bash(actions: Iterable[argparse.Action]) -> str:
    flags = [flag for each in actions for flag in each.option_strings]
    cases = []
    for each in actions:
        if each.nargs != 0:
            make = f"words={_quoted(' '.join(_words(each)))}"
            folder = _FOLDERS.get(each.dest)
            make += f"; folder={folder}" if folder else ""
            make += "; files=1" if each.dest in _FILES else ""
            cases.append(f"    {'|'.join(each.option_strings)}) {make} ;;")
    return _BASH.format(cases="\n".join(cases), flags=" ".join(flags), programs=" ".join(PROGRAMS))


def _zsh(actions: Iterable[argparse.Action]) -> str:
    return f"autoload -U +X compinit bashcompinit && compinit && bashcompinit\n{_bash(actions)}"


def _fish(actions: Iterable[argparse.Action]) -> str:
    lines = [_FISH]
    for program in PROGRAMS:
        for each in actions:
            names = [
                f"-s {flag[1:]}" if len(flag) == 2 else f"-l {flag[2:]}"
                for flag in each.option_strings
            ]
            line = f"complete -c {program} {' '.join(names)} -d {_quoted(_first(each.help))}"
            if each.nargs != 0:
                line += " -r -F" if each.dest in _FILES else " -x"
                words = " ".join(_words(each))
                folder = _FOLDERS.get(each.dest)
                words += f" (__datagen_names {folder})" if folder else ""
                line += f' -a "{words.strip()}"' if words.strip() else ""
            lines.append(line)
    return "\n".join(lines) + "\n"


def _words(action: argparse.Action) -> list[str]:
    """Return the words that the value of an option may be, as far as they are known."""
    folder = _FOLDERS.get(action.dest)
    return [*map(str, action.choices or ()), *(bare_names(folder) if folder else ())]


def _first(text: str | None) -> str:
    """Return the beginning of the help of an option, up to the first stop."""
    return (text or "").partition(";")[0].partition(" (")[0].replace("%%", "%")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_MAKERS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
_BASH = """\
_datagen() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local words= folder= files= file name
  COMPREPLY=()
  case "$before" in
{cases}
    *) words='{flags}'; [[ $word == -* ]] || files=1 ;;
  esac
  if [[ -n $folder && $word != */* ]]; then
    for file in conf/"$folder"/*; do
      name="${{file##*/}}"
      [[ -e $file ]] && words+=" ${{name%.*}}"
    done
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word" | sort -u))
  [[ -n $files ]] && COMPREPLY+=($(compgen -f -- "$word"))
}}
complete -o filenames -F _datagen {programs}
"""
_FISH = """\
function __datagen_names
    for file in conf/$argv[1]/*
        string replace -r '\\.[^.]*$' '' (basename $file)
    end
end
"""
