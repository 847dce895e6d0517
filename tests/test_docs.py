"""What the documentation says is so: commands run, examples work, nothing is left out or made up.

A text block right after a command, or right after a whole specification, is its exact output. A
block of commands after `<!-- parse-only -->` is not run. A specification after `<!-- file: NAME -->` is
a file of that name, for the examples of its page.
"""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.cli.parser import parser
from datagen.columns import json_text
from datagen.curves.curve import CURVES, Curve
from datagen.disorder.effects import EFFECTS, Effect
from datagen.distributions import discrete
from datagen.distributions.base import DISTRIBUTIONS
from datagen.distributions.parsing import parse_timer
from datagen.durations import duration_micros
from datagen.errors import UsageError
from datagen.fields import FIELDS, LimitedField, base, lorem, member_sets, nested, resources, text
from datagen.fields.instants import INSTANTS
from datagen.fields.pool import EntityPool
from datagen.formats import FORMATS
from datagen.formats.encoding import Output
from datagen.formats.template import TemplateFormat
from datagen.replay.spec import NullInjection, ReplaySpec, TimeSkipping
from datagen.running import documents
from datagen.simulation import paths, windows
from datagen.sources.zone_names import ZONE_HOURS
from datagen.spec.document import Template
from datagen.spec.emitter import Emitter
from datagen.spec.generator import Generator
from datagen.spec.populations import Population
from datagen.spec.process import STATES, ProcessState
from datagen.spec.process_document import ProcessDocument
from datagen.spec.state import State
from datagen.spec.timeline import Period
from datagen.spec.transitions import Transition
from datagen.targets import TARGETS, Target
from datagen.targets.kafka.base import MessageTarget
from datagen.templating import checking, meter, sandbox
from datagen.validation import Model
from tests.support.helpers import invoke
from tests.test_architecture import RANKS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
FENCE = re.compile(
    r"(?P<before><!-- [^\n]* -->\n)?^(?P<indent> *)```(?P<kind>\w*)\n(?P<body>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
PROGRAM = "python generator.py"
SHELL = re.compile(r"[|<>&;$]")
MOST_NOT_RUN = 12
SAMPLE = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, its text, the comment before it, and the text block right after."""

    page: Path
    line: int
    kind: str
    text: str
    comment: str
    output: str | None

    def __str__(self) -> str:
        """Name it in the names of tests."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def lines(self) -> list[str]:
        """Return the commands of a block."""
        return self.text.replace("\\\n", " ").splitlines()


@cache
def content(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    whole, found = content(page), list(FENCE.finditer(content(page)))
    made = []
    for match, after in zip(found, [*found, None][1:], strict=True):
        body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)
        follows = (
            after and after["kind"] == "text" and not whole[match.end() : after.start()].strip()
        )
        made.append(
            Block(
                page=page,
                line=whole.count("\n", 0, match.start("kind")) + 1,
                kind=match["kind"],
                text=body,
                comment=match["before"] or "",
                output=after["body"] if after and follows else None,
            )
        )
    return made


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
JSON = [(block, json.loads(block.text)) for block in BLOCKS if block.kind == "json"]
WRITTEN = re.compile(r"<!-- file: (\S+) -->")
SPECS = [
    (block, data)
    for block, data in JSON
    if isinstance(data.get("states"), list) and not WRITTEN.match(block.comment)
]
REPLAYS = [(block, data) for block, data in JSON if data.get("type") == "replay"]
FILES = [
    (block, WRITTEN.match(block.comment)) for block in BLOCKS if block.kind in ("json", "yaml")
]
FRAGMENTS = [
    (block, data)
    for block, data in JSON
    if not isinstance(data.get("states"), list) and (block, data) not in REPLAYS
]
COMMANDS = [(block, line) for block in BLOCKS if block.kind == "bash" for line in block.lines]
NOT_RUN = [(block, line) for block, line in COMMANDS if "parse-only" in block.comment]
OF_CI = [(block, line) for block, line in COMMANDS if "command:" in block.comment]
RUN = [(block, line) for block, line in COMMANDS if (block, line) not in NOT_RUN + OF_CI]
PLAIN = [(block, line) for block, line in RUN if not SHELL.search(line)]
PIPED = [(block, line) for block, line in RUN if SHELL.search(line)]


def named(pairs: list[tuple[Block, Any]]) -> pytest.MarkDecorator:
    """Parametrise over pairs of a block and something in it."""
    return pytest.mark.parametrize(
        ("block", "thing"), pairs, ids=[f"{n}-{block}" for n, (block, _) in enumerate(pairs)]
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own with `conf/` in it, and go there."""
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_files(block: Block, folder: Path) -> None:
    """Write the files that the page of a block shows."""
    for other, written in FILES:
        if written and other.page == block.page:
            (folder / written[1]).write_text(other.text, encoding="utf-8")


# commands


@named(PLAIN)
def test_command_runs(block: Block, thing: str, folder: Path) -> None:
    """Each command that is shown works, and gives the output that is shown."""
    assert thing.startswith(PROGRAM)
    write_files(block, folder)
    outcome = invoke(*shlex.split(thing.removeprefix(PROGRAM)))
    assert outcome.status == 0, outcome.err
    if block.output is not None:
        assert outcome.out.decode() == block.output


@named(PIPED)
def test_piped_command_runs(block: Block, thing: str, folder: Path) -> None:
    """So does each that is piped into something else."""
    write_files(block, folder)
    line = thing.replace(PROGRAM, shlex.join([sys.executable, str(ROOT / "generator.py")]))
    line = line.replace("| python ", f"| {shlex.quote(sys.executable)} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout or ">" in thing
    if block.output is not None:
        assert done.stdout == block.output


def test_few_commands_are_not_run() -> None:
    """Only what never ends, installs something or stands for something else."""
    assert len(NOT_RUN) <= MOST_NOT_RUN
    assert len(OF_CI) == 2


@named([*NOT_RUN, *OF_CI])
def test_command_that_is_not_run_parses(block: Block, thing: str) -> None:
    """Its flags exist."""
    words = shlex.split(thing, comments=True)
    if "generator.py" in words:
        options = words[words.index("generator.py") + 1 :]
        assert parser().parse_args(options)


def test_every_flag_is_documented_and_none_made_up() -> None:
    """The table of flags holds what the parser knows."""
    page = content(DOCS / "command-line.md")
    table = section(page, "Flags")
    cells = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    written = [set(re.findall(r"`(--?[a-z-]+)", cell)) for cell in cells]
    actions = [action for action in parser()._actions if action.help != "==SUPPRESS=="]
    assert sorted(map(sorted, written)) == sorted(sorted(each.option_strings) for each in actions)
    for action in parser()._actions:
        assert all(f"`{flag}" in page for flag in action.option_strings)


def test_durations_in_the_table_are_read() -> None:
    """Every way of writing a duration that the page shows is one."""
    rows = section(content(DOCS / "command-line.md"), "Durations").splitlines()
    shown = [
        text for row in rows if row.startswith("| `") for text in re.findall(r"`(\w[^`]*)`", row)
    ]
    assert len(shown) > 8
    for each in shown:
        assert duration_micros(each) > 0
    for refused in ("P1M", "1Y", "-5S", "30"):
        with pytest.raises(UsageError):
            duration_micros(refused)


# examples in JSON


@named(SPECS)
def test_specification_runs(block: Block, thing: Any, folder: Path) -> None:
    """A whole specification validates without a warning and makes the records shown under it."""
    write_files(block, folder)
    checked = invoke("--validate", spec=thing)
    assert checked.status == 0
    assert "warning" not in checked.err
    as_json = {**thing, "format": "json"}
    assert len(invoke("-n", "5", "-s", "2027-03-12", spec=as_json).records) == 5
    if block.output is not None:
        assert invoke(*SAMPLE, spec=thing).out.decode() == block.output


@named(REPLAYS)
def test_replay_runs(block: Block, thing: Any, folder: Path) -> None:
    """So does one that replays what a preset has made."""
    for name, flags in (("payments.csv", ("--csv",)), ("payments.ndjson", ())):
        made = invoke("-c", "payments", "-n", "500", "-s", "2027-03-12", "--seed", "1", *flags)
        (folder / name).write_bytes(made.out)
    checked = invoke("--validate", spec=thing)
    assert (checked.status, "warning" in checked.err) == (0, False)
    as_json = {**thing, "format": "json"}
    assert len(invoke("-n", "1005", "-s", "2027-03-12", spec=as_json).records) == 1005
    if block.output is not None:
        assert invoke(*SAMPLE, spec=thing).out.decode() == block.output


@named(FRAGMENTS)
def test_fragment_is_right(block: Block, thing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution, curve, field, target, or some keys of a specification: all are accepted."""
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("TOKEN", "abc")
    monkeypatch.setenv("PASSWORD", "abc")
    if "type" in thing:
        families: list[Any] = [DISTRIBUTIONS, EFFECTS, FIELDS, FORMATS, STATES]
        families = [CURVES] if block.page.name == "curves.md" else families
        known = [family for family in families if thing["type"] in family]
        checked = known[0].parse(thing) if known else documents.parse_target(thing, "docs")
        assert checked.type == thing["type"]
    for key, value in thing.items():
        if key in ("interarrival", "delay") or key.endswith("distribution"):
            assert parse_timer(value)
        if key == "schedule":
            assert CURVES.parse(value)
        if key == "transitions":
            assert sum(
                Transition.model_validate(each).probability for each in value
            ) == pytest.approx(1)


def test_floats_are_written_as_the_page_says() -> None:
    """Each float that the page on JSON shows is the text of itself."""
    (row,) = [row for row in content(DOCS / "json.md").splitlines() if row.startswith("| float |")]
    shown = re.findall(r"`(\d[^`]*)`", row)
    assert len(shown) == 4
    assert json_text.of_floats(np.array(list(map(float, shown)))).to_pylist() == shown


def test_names_of_zones_are_documented() -> None:
    """Each that a replay reads, and none besides."""
    table = section(content(DOCS / "replay.md"), "Times").split("| names | offset |")[1]
    cells = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(ZONE_HOURS)


# types and keys


def section(page: str, title: str) -> str:
    """Return what stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title}"
    return found[1]


def keys_in(page: str, title: str) -> set[str]:
    """Return the keys in the first cells of a section's tables of keys."""
    tables = re.findall(r"^\| key \| \|\n(?:\|.*\n)+", section(page, title), re.MULTILINE)
    cells = [row.split(" | ")[0] for table in tables for row in table.splitlines()[2:]]
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def keys_of(model: type[Model]) -> set[str]:
    """Return the keys that a model has in JSON."""
    return {field.alias or name for name, field in model.model_fields.items()}


def _is_of_children(model: type[ProcessState]) -> bool:
    return model.has_child or (model.begins_child and not model.starts_worker)


TYPES: list[tuple[str, str, type[Model], set[str]]] = [
    *(("distributions", kind, model, {"type"}) for kind, model in DISTRIBUTIONS.items()),
    *(
        ("formats", kind, model, {"type"})
        for kind, model in FORMATS.items()
        if not (Output.FILES | Output.STREAM) & model.outputs and kind != "template"
    ),
    *(("curves", kind, model, keys_of(Curve)) for kind, model in CURVES.items()),
    ("curves", "Keys that every curve has", Curve, set()),
    ("incidents", "Keys of a period", Period, set()),
    *(("fields", kind, model, keys_of(base.Field)) for kind, model in FIELDS.items()),
    *(
        ("targets", kind, model, keys_of(Target))
        for kind, model in TARGETS.items()
        if not issubclass(model, MessageTarget)
    ),
    *(
        ("kafka", kind, model, keys_of(MessageTarget) - {"security_protocol"})
        for kind, model in TARGETS.items()
        if issubclass(model, MessageTarget)
    ),
    ("kafka", "Keys of both", MessageTarget, {"type", "security_protocol"}),
    ("targets", "Keys that every target has", Target, set()),
    *(
        ("columns", kind, model, {"type"})
        for kind, model in FORMATS.items()
        if (Output.FILES | Output.STREAM) & model.outputs
    ),
    *(
        ("children" if _is_of_children(model) else "process", kind, model, keys_of(ProcessState))
        for kind, model in STATES.items()
    ),
    ("process", "Keys that every state has", ProcessState, set()),
    ("process", "Transitions", Transition, set()),
    ("process", "Keys of the whole", ProcessDocument, set()),
    ("replay", "Keys", ReplaySpec, set()),
    ("replay", "Skipping", TimeSkipping, set()),
    ("replay", "Nulls", NullInjection, set()),
    ("specification", "Generator specification", Generator, set()),
    ("specification", "States", State, set()),
    ("specification", "Transitions", Transition, set()),
    ("specification", "Emitters", Emitter, set()),
    ("entities", "A list of products", EntityPool, set()),
    ("populations", "Populations", Population, set()),
    *(("disorder", kind, model, keys_of(Effect)) for kind, model in EFFECTS.items()),
    ("disorder", "Keys that every effect has", Effect, set()),
    ("templates", "Templates in a specification", Template, set()),
    ("templates", "template", TemplateFormat, {"type"}),
]


@pytest.mark.parametrize(
    ("page", "title", "model", "common"),
    TYPES,
    ids=[f"{page}-{title}" for page, title, *_ in TYPES],
)
def test_every_key_is_documented_and_none_made_up(
    page: str, title: str, model: type[Model], common: set[str]
) -> None:
    """Each type has its section, whose tables hold the keys of its model."""
    whole = content(DOCS / f"{page}.md")
    if whole.startswith(f"# {title}\n"):
        whole = whole.replace(f"# {title}\n", f"## {title}\n", 1)
    assert keys_in(whole, title) == keys_of(model) - common


def test_common_keys_of_fields_are_documented() -> None:
    """They have sections of their own."""
    page = content(DOCS / "fields.md")
    assert keys_in(page, "Keys that every type has") == keys_of(base.Field)
    both = keys_in(page, "Cardinality") | keys_of(base.Field)
    assert both == keys_of(LimitedField)


@pytest.mark.parametrize("kind", FIELDS)
def test_field_has_an_example_of_each_key(kind: str) -> None:
    """The specification in a type's section uses every key of its own."""
    whole = section(content(DOCS / "fields.md"), kind)
    examples = [data for block, data in SPECS if block.text in whole]
    used = {key for data in examples for field in _fields(data, kind) for key in field}
    assert keys_of(FIELDS[kind]) - keys_of(LimitedField) <= used
    assert used


def _fields(node: Any, kind: str) -> list[dict[str, Any]]:
    found = [node] if isinstance(node, dict) and node.get("type") == kind else []
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return found + [field for each in below for field in _fields(each, kind)]


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_distribution_has_an_example_and_a_picture(kind: str) -> None:
    """The examples use every key; the picture shows the first."""
    whole = section(content(DOCS / "distributions.md"), kind)
    examples = {block.text: data for block, data in JSON if block.text in whole}.values()
    assert {key for each in examples for key in each} == keys_of(DISTRIBUTIONS[kind])
    assert f"![{kind}](pictures/{kind}.svg)" in whole
    assert (DOCS / "pictures" / f"{kind}.svg").stat().st_size < 30_000


@pytest.mark.parametrize("kind", CURVES)
def test_curve_has_an_example(kind: str) -> None:
    """Its examples use every key of its own."""
    whole = section(content(DOCS / "curves.md"), kind)
    examples = [data for block, data in JSON if block.text in whole]
    assert keys_of(CURVES[kind]) - keys_of(Curve) <= {key for each in examples for key in each}


@pytest.mark.parametrize("kind", INSTANTS)
def test_distribution_of_instants_is_documented(kind: str) -> None:
    """Its row names every key."""
    (row,) = re.findall(rf"^\| `{kind}` \|.*$", content(DOCS / "fields.md"), re.MULTILINE)
    assert keys_of(INSTANTS[kind]) - {"type"} <= set(re.findall(r"`(\w+)`", row))


def script(name: str) -> Any:
    """Return a script of the docs as a module."""
    file = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert file and file.loader
    module = importlib.util.module_from_spec(file)
    file.loader.exec_module(module)
    return module


def test_picture_of_a_terminal_is_what_the_program_shows() -> None:
    """Draw it again with `make pictures`; the README shows it, with the command."""
    terminal = script("terminal")
    assert terminal.PICTURE.read_text(encoding="utf-8") == terminal.picture()
    assert "(docs/pictures/sample.svg)" in content(ROOT / "README.md")
    assert f"python generator.py {terminal.COMMAND}" in content(ROOT / "README.md")


def test_pictures_show_all_of_the_chance() -> None:
    """What is drawn holds nearly all of the probability, whatever the distribution."""
    pictures = script("pictures")
    shapes = pictures.examples()
    assert set(shapes) == set(DISTRIBUTIONS)
    for shape in shapes.values():
        if shape.discrete:
            share = pictures.probabilities(shape)[1].sum()
        else:
            points, heights = pictures.density(shape)
            share = heights.sum() * np.diff(points).mean()
        assert 0.97 < share < 1.001


SANDBOX = [
    ("steps:", meter.MAX_WORK // meter.STEP),
    ("characters that are read and made", meter.MAX_WORK),
    ("characters of a value,", meter.MAX_SIZE),
    ("parts of a list or an object", meter.MAX_SIZE // meter.PART),
    ("lists in lists", meter.MAX_DEPTH),
    ("widths, counts", sandbox.MAX_ARGUMENT),
    ("numbers of a `range`", sandbox.MAX_RANGE),
    ("bits of a whole number", meter.MAX_INTEGER_BITS),
    ("characters of a template", checking._MAX_CHARACTERS),
    ("parts of a template", checking._MAX_PARTS),
]


@pytest.mark.parametrize(("what", "limit"), SANDBOX, ids=[what for what, _ in SANDBOX])
def test_limits_of_templates_are_those_of_the_code(what: str, limit: int) -> None:
    """The line that tells a limit has the figure of the code."""
    lines = section(content(DOCS / "templates.md"), "What a template may not do").splitlines()
    assert any(what in line and f"| {limit:,} |" in line for line in lines)


LIMITS = [
    ("Limits", "[string]", text.MAX_STRING_LENGTH),
    ("Limits", "[list]", nested.MAX_LIST_LENGTH),
    ("Limits", "[lorem]", lorem.MAX_WORDS),
    ("Limits", "[lorem]", lorem.MAX_SENTENCES),
    ("Limits", "`depth`", resources.MAX_DEPTH),
    ("Limits", "`cardinality`", member_sets.MAX_MEMBERS),
    ("Limits", "`n`", discrete.MAX_TABLE),
    ("Limits", "nesting", documents.MAX_DEPTH),
    ("What is checked during a run", "visits", paths.MAX_VISITS_AT_ONCE),
    ("What is checked during a run", "starts", windows.MAX_STARTS_AT_ONCE),
]


@pytest.mark.parametrize(("title", "what", "limit"), LIMITS, ids=[what for _, what, _ in LIMITS])
def test_limits_are_those_of_the_code(title: str, what: str, limit: int) -> None:
    """The line that tells a limit has the figure of the code."""
    lines = section(content(DOCS / "specification.md"), title).splitlines()
    figures = [re.findall(r"\d[\d,]*", line) for line in lines if what in line]
    assert any(f"{limit:,}" in found for found in figures)


# pages


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file, and a heading of it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", content(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", content(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PRESETS)
def test_preset_has_a_page(name: str) -> None:
    """The README leads to it."""
    assert (DOCS / "presets" / f"{name}.md").is_file()
    assert f"(docs/presets/{name}.md)" in content(ROOT / "README.md")


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: str(page.name))
def test_page_is_on_the_map(page: Path) -> None:
    """The README leads to every page."""
    assert f"(docs/{page.name})" in content(ROOT / "README.md")


def test_design_names_every_module() -> None:
    """Its table holds the modules that there are, in the order in which they import each other."""
    written = re.findall(r"^\| `(\w+)(?:\.py|/)` \|", content(DOCS / "design.md"), re.MULTILINE)
    there = {path.stem for path in (ROOT / "datagen").glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in (ROOT / "datagen").glob("*/__init__.py")}
    assert sorted(written) == sorted(there | packages)
    ranks = {module.split(".")[1]: rank for module, rank in RANKS.items() if "." in module}
    assert written == sorted(written, key=ranks.__getitem__)


def test_guarantees_are_proved_by_tests() -> None:
    """Each line of the table names tests, and these exist."""
    rows = re.findall(r"^\| (?!target|---).*$", content(DOCS / "guarantees.md"), re.MULTILINE)
    code = "\n".join(content(path) for path in sorted((ROOT / "tests").rglob("test_*.py")))
    there = set(re.findall(r"^def (test_\w+)\(", code, re.MULTILINE))
    assert len(rows) > 15
    for row in rows:
        named = set(re.findall(r"`(test_\w+)`", row.split(" | ")[-1]))
        assert named, row
        assert named <= there, named - there
    written = " ".join(row.split(" | ")[0] for row in rows)
    assert all(f"`{kind}`" in written for kind in TARGETS)
