"""YAML says what JSON says, and nothing else."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from datagen.errors import SpecError
from datagen.running.documents import parse_document, parse_json
from datagen.running.yaml_text import TooDeepError, YamlError, read_yaml
from tests.support.files import ROOT
from tests.support.helpers import invoke
from tests.support.quickness import at_most

MB = 1 << 20
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
RUN = ("-n", "300", "-s", "2027-03-12", "--seed", "1")


def read(text: str) -> Any:
    """Return what a text holds, in which nothing is refused."""
    made = read_yaml(text, 200, MB)
    assert made.problems == []
    return made.value


def refused(text: str) -> list[str]:
    """Return what is refused of a text, a line each."""
    try:
        parse_document(text.encode(), "f.yaml")
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def write_files(folder: Path, texts: dict[str, str]) -> None:
    """Write files, by their paths in a folder."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def in_yaml(raw: Any) -> str:
    """Return YAML of what JSON holds."""
    out = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(raw, out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-0", 0), ("+7", 7), ("0", 0), ("0x1F", 31), ("0o17", 15), ("0b1", "0b1"), ("1_000", "1_000"),
        ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-1.5E-3", -0.0015), ("1.0", 1.0), ("1.2.3", "1.2.3"),
        ("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("No", "No"), ("n", "n"),
        ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"), ("''", ""), ('"1"', "1"), ("'true'", "true"),
        ("2027-03-12", "2027-03-12"), ("2027-03-12T00:00:00Z", "2027-03-12T00:00:00Z"), ("12:30:45", "12:30:45"),
        ('"\\ud83d\\ude00"', "\U0001f600"), ('"\\u00e9\\/"', "é/"), ("é", "é"),
        ("inf", "inf"), ("nan", "nan"), ("=", "="), ("a b", "a b"), ("|\n 1\n 2\n", "1\n2\n"), (">\n a\n b\n", "a b\n"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    """Of YAML 1.2: instants, times and `yes` are texts, and the type of a number is that of JSON."""
    (made,) = read(f"- {text}")
    assert (made, type(made)) == (value, type(value))


def test_no_value_is_null() -> None:
    """In objects and in lists."""
    assert read("a:\nb: [1, ~]\nc:\n  -\n") == {"a": None, "b": [1, None], "c": [None]}


def test_anchors_stand_for_copies() -> None:
    """What is done to one is not done to the other."""
    made = read("a: &x {mean: [1, 2]}\nb: *x\nc: *x\n")
    assert made == {"a": {"mean": [1, 2]}, "b": {"mean": [1, 2]}, "c": {"mean": [1, 2]}}
    made["b"]["mean"].append(3)
    assert made["a"] == made["c"] == {"mean": [1, 2]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: {b: .nan}", "a.b: .nan is not a number"),
        ("a: [1, -.inf]", "a[1]: -.inf is not a number"),
        ("a: 1\nb: 2\na: 3", "a: appears twice"),
        ("a: [{b: 1, b: 2}]", "a[0].b: appears twice"),
        ("a: {1: x}", "a: the key 1 is no text; put it in quotes"),
        ("a: {true: x}", "a: the key true is no text; put it in quotes"),
        ("? [a]\n: x", "the key a list is no text; put it in quotes"),
        ("a: !!str 1", 'a: the tag "tag:yaml.org,2002:str" is refused; leave it out'),
        ("a: !env HOME", 'a: the tag "!env" is refused; leave it out'),
        ("a: !!python/object:os.system {}", 'a: the tag "tag:yaml.org,2002:python/object:os.system" is refused; leave it out'),
        ("a: !!set {b}", 'a: the tag "tag:yaml.org,2002:set" is refused; leave it out'),
        ("!!str a: 1", 'the tag of the key "a" is refused; leave it out'),
        ("a: &x {b: 1}\nc:\n  <<: *x", 'c: the key "<<" merges nothing in YAML 1.2; leave it out'),
        ("a: 0123", "a: 0123 begins with 0; put it in quotes if it is a text"),
        (f"a: {'9' * 5000}", "a: a number of 5000 digits is too long"),
        (" \n", "is empty"),
        ("a: *x", 'is not YAML: there is no anchor "x" before its alias'),
        ("a: &x [*x]", 'is not YAML: the alias "x" is inside of what it stands for'),
        ("a: 1\n---\nb: 2", "is not YAML: it holds several documents; only one is read"),
        ("%YAML 1.1\n---\na: 1", "is not YAML: its version is not 1.2"),
        ("a: [1, 2\nb: 3", "is not YAML: "),
        ("a:\n\t- 1", "is not YAML: "),
        ("a: '", "is not YAML: "),
        ("a: \x07", "is not YAML: "),
        ('a: "\\UFFFFFFFF"', "is not YAML: "),
        ("[" * 300, "is nested too deeply"),
    ],
)  # fmt: skip
def test_the_rest_is_refused(text: str, line: str) -> None:
    """Each refusal names the place."""
    (found,) = refused(text)
    place, _, problem = found.partition(": ")
    assert problem == line or (line.endswith("YAML: ") and problem.startswith(line))
    assert re.fullmatch(r"f\.yaml:[1-9]:[1-9]\d?", place) or line in (
        "is empty",
        "is nested too deeply",
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: 1\n1: x", 2, 1), ("a: 1\nb: [.inf]", 2, 5), ("a: 1\nb:\n- c: !x 1", 3, 6), ("a: [*x]", 1, 5),
     ("a: 1\n---\nb: 2", 2, 1), ("a: 1\nb: [1, 2\nc: 3", 3, 2), ("a: x\nb: é\x07", 2, 5)],
)  # fmt: skip
def test_refusals_have_their_positions(text: str, line: int, column: int) -> None:
    """That of the value, or of the key."""
    (found,) = refused(text)
    assert found.startswith(f"f.yaml:{line}:{column}: ")


def test_all_refusals_come_at_once() -> None:
    """Not only the first."""
    assert len(refused("a: .inf\nb: !x 1\n2: c\na: 3\n")) == 4


def test_comments_may_stand_there_twice() -> None:
    """As in JSON."""
    assert read("_: 1\n_: 2\na: 3\n# b\n")["a"] == 3


def test_aliases_of_aliases_are_bounded() -> None:
    """A billion laughs take no time and no room."""
    lines = ["a0: &a0 [ha, ha]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 15)
    ]
    with at_most(5):
        (found,) = refused("\n".join(lines))
    assert found.endswith("its aliases make it larger than 64 MB")


def test_aliases_of_a_long_text_are_bounded() -> None:
    """What they would take counts, not their number alone."""
    text = f"a: &x {'ha' * 1000}\nb: [{', '.join(['*x'] * 1000)}]"
    with pytest.raises(YamlError, match="larger than 1 MB"):
        read_yaml(text, 200, MB)


def test_aliases_do_not_nest_deeper_than_all_else() -> None:
    """An anchor of depth 150 in a list of depth 100 is too deep."""
    deep = f"a: &x {'[' * 150}{']' * 150}\nb: {'[' * 100}*x{']' * 100}"
    with pytest.raises(TooDeepError):
        read_yaml(deep, 200, MB)
    assert read_yaml(deep, 300, MB).problems == []


@pytest.mark.parametrize("name", PRESETS)
def test_presets_in_yaml_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    """A specification is the same in both, to checkpoints too: one of JSON goes on with YAML."""
    raw = json.loads((ROOT / "conf" / "gen" / f"{name}.json").read_bytes())
    assert read(in_yaml(raw)) == raw
    write_files(tmp_path, {"spec.json": json.dumps(raw), "spec.yaml": in_yaml(raw)})
    out = f'{{"type": "file", "path": "{tmp_path}/out"}}'
    write_files(tmp_path, {"tar.json": out, "tar.yaml": f"type: file\npath: {tmp_path}/out\n"})
    plain = invoke("-c", str(tmp_path / "spec.json"), *RUN, "-t", str(tmp_path / "tar.json"))
    expected = (tmp_path / "out").read_bytes()
    (tmp_path / "out").unlink()
    common = ("-t", str(tmp_path / "tar.yaml"), "--resume", str(tmp_path / "cp"))
    first = invoke("-c", str(tmp_path / "spec.json"), "-n", "100", *RUN[2:], *common)
    second = invoke("-c", str(tmp_path / "spec.yaml"), "-n", "200", *common)
    assert (plain.status, first.status, second.status) == (0, 0, 0), second.err
    assert (tmp_path / "out").read_bytes() == expected


def test_stdin_is_json_first() -> None:
    """And YAML where it is none, if it says more than a word."""
    assert parse_document(b'{"a": 1}', "stdin") == {"a": 1}
    assert parse_document(b"a: 1\n", "stdin") == parse_document(b"{a: 1}", "stdin") == {"a": 1}
    for data, start in (
        (b'{"a": 1,}', "stdin:1:N: is not JSON: "),
        (b'{"a": NaN}', "stdin:1:N: is not JSON: NaN is not a number"),
        (b"{a: [1, }", "stdin:1:N: is not JSON: "),
        (b"hello", "stdin:1:N: is not JSON: "),
        (b"a: [1", "stdin:1:N: is not YAML: "),
    ):
        with pytest.raises(SpecError) as raised:
            parse_document(data, "stdin")
        assert re.sub(r":\d+: ", ":N: ", str(raised.value)).startswith(start)


def test_endings_decide() -> None:
    """A file that says it is JSON is nothing else."""
    with pytest.raises(SpecError, match="is not JSON"):
        parse_document(b"a: 1", "f.json")
    assert parse_document(b'{"a": NaN,}', "f.yml") == {"a": "NaN"}
    assert parse_document(b'{\n\t"a": 1}', "f.yaml") == {"a": 1}


def test_json_is_yaml() -> None:
    """Whatever JSON holds is the same in YAML."""
    text = '{"a": [1, -2.5e-3, true, null, "x\\u00e9\\n\\"", {}], "b": {"c d": []}, "2027": "1"}'
    assert read(text) == parse_json(text.encode(), "f")


def test_everything_that_is_json_may_be_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Schedules, disorder and bare names."""
    monkeypatch.chdir(tmp_path)
    spec = "states:\n- {name: a, emitter: e, delay: {type: constant, value: 1}, transitions: [{next: a, probability: 1}]}\n"
    spec += "emitters:\n- name: e\n  dimensions: [{name: id, type: counter}]\n"
    spec += "interarrival: {type: exponential, mean: 1}\nschedule: office\n"
    write_files(
        tmp_path,
        {
            "conf/gen/own.yaml": spec,
            "conf/sched/office.yml": "type: constant\nvalue: 0.5\n",
            "late.yaml": "- {type: duplicate, share: 1}\n",
        },
    )
    found = invoke(
        "-c", "own", "-n", "4", "-s", "2027-03-12", "--seed", "1", "--disorder", "late.yaml"
    )
    assert (found.status, len(found.records)) == (0, 4), found.err
    assert len({each["id"] for each in found.records}) == 2


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remedy."""
    monkeypatch.setitem(__import__("sys").modules, "datagen.running.yaml_text", None)
    assert refused("a: 1") == ["f.yaml: is YAML, which needs a package: pip install ruamel.yaml"]
