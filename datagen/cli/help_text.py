"""What `--help` prints: the flags in groups, and examples."""

import argparse
from collections.abc import Mapping

USAGE = "generator.py [-c SPEC] [-t TARGET] [-n N | -r D] [-s TIME] [...]"
GROUPS: Mapping[str, tuple[str, ...]] = {  # of flags by one of their spellings, in this order
    "what is made": ("-c", "--set", "-m", "--rate", "--schedule", "--disorder", "--no-disorder", "--part", "--seed"),
    "where it goes, and how it is written": ("-t", "-f", "--csv", "--tsv", "--template", "--arrow", "--truth", "--max-rate"),
    "when": ("-s", "--timezone", "--warm-up", "--then-live", "--speed"),
    "how much": ("-n", "-r", "--until", "--bytes"),
    "resume": ("--resume", "--resume-anyway", "--checkpoint-every", "--catch-up"),
    "look, in place of a run": (
        "--validate", "--explain", "--sample", "--stats", "--watch", "--entities", "--avro-schema", "--ddl",
        "--check", "--json-schema", "--presets", "--completion",
    ),
    "what is told": ("-q", "-v", "--progress", "--summary", "--report", "--metrics", "--version", "-h"),
    "the machine": ("-j", "--memory", "--untrusted"),
}  # fmt: skip
OTHERS = "others"
EXAMPLES = """\
examples:
  generator.py -c clickstream -n 5 -s 2027-03-12
      five records to stdout, as fast as possible
  generator.py -c payments -r 1D -s 2027-03-12 -t file --summary day.json
      a day of payments to the file that conf/tar/file.json names, and what came of it
  generator.py -c web_access -t file --resume web.checkpoint
      on the real clock, until it is interrupted; the same command goes on from there
"""


def help_text(parser: argparse.ArgumentParser) -> str:
    """Return the text of `--help`: usage, flags in groups, and examples."""
    formatter = parser._get_formatter()  # noqa: SLF001 - what argparse's own format_help does
    formatter.add_usage(USAGE, [], [])
    formatter.add_text(parser.description)
    for title, actions in grouped(parser).items():
        formatter.start_section(title)
        formatter.add_arguments(actions)
        formatter.end_section()
    return f"{formatter.format_help()}\n{EXAMPLES}\n{parser.epilog}\n"


def grouped(parser: argparse.ArgumentParser) -> dict[str, list[argparse.Action]]:
    """Return the flags by the titles of their groups; those that are in none are others."""
    rest = [each for each in parser._actions if each.help != argparse.SUPPRESS]  # noqa: SLF001 - as above
    made: dict[str, list[argparse.Action]] = {}
    for title, flags in GROUPS.items():
        made[title] = [each for flag in flags for each in rest if flag in each.option_strings]
        rest = [each for each in rest if each not in made[title]]
    return {title: each for title, each in {**made, OTHERS: rest}.items() if each}
