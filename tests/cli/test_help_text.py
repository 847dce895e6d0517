"""Every flag is in a group of the help, whose examples are right."""

import re
import shlex

import pytest

from datagen.cli.help_text import EXAMPLES, GROUPS, OTHERS, grouped, help_text
from datagen.cli.options import parse_request
from datagen.cli.parser import parser

COMMANDS = re.findall(r"^  generator\.py (.*)$", EXAMPLES, re.MULTILINE)


def test_every_flag_is_in_one_group() -> None:
    """A new flag needs its place in GROUPS."""
    groups = grouped(parser())
    assert OTHERS not in groups
    listed = [flag for flags in GROUPS.values() for flag in flags]
    assert len(listed) == len(set(listed))


def test_flag_of_no_group_is_shown_all_the_same() -> None:
    made = parser()
    made.add_argument("--brand-new", help="does something")
    assert [each.dest for each in grouped(made)[OTHERS]] == ["brand_new"]
    assert re.search(r"others:\n  --brand-new BRAND_NEW\n +does something", help_text(made))


def test_help_has_groups_in_their_order_and_examples_at_the_end() -> None:
    text = parser().format_help()
    titles = [title for title in GROUPS if f"\n{title}:\n" in text]
    assert titles == [*GROUPS]
    places = [text.index(f"\n{title}:\n") for title in titles]
    assert places == sorted(places)
    assert places[-1] < text.index("\nexamples:\n")
    assert text.splitlines()[-1].startswith("Data goes to the target")
    shown = [each for each in parser()._actions if each.help != "==SUPPRESS=="]
    for flag in (flag for each in shown for flag in each.option_strings):
        assert len(re.findall(rf"^  (?:-.*, )?{flag}(?=[ ,]|$)", text, re.MULTILINE)) == 1
    assert "--debug" not in text


@pytest.mark.parametrize("line", COMMANDS)
def test_example_is_right(line: str) -> None:
    """It says nothing out of date."""
    told: list[str] = []
    assert parse_request(parser().parse_args(shlex.split(line)), told.append)
    assert told == []


def test_there_are_three_examples() -> None:
    assert len(COMMANDS) == 3
