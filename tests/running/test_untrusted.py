"""What a specification from a stranger may not ask for; and what it may."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.running.untrusted import refused_parts
from tests.support.helpers import invoke
from tests.support.templates import RUN, shop

BODY = "{{ env.HOME }}"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"target": {"type": "file", "path": "x"}}, "target: --untrusted refuses it; name a target with -t"),
    ({"target": {"type": "stdout"}}, "target: --untrusted refuses it; name a target with -t"),
    ({"target": {"type": "null", "_": "${HOME}"}}, "target: --untrusted refuses it; name a target with -t"),
    ({"truth": "truth.jsonl"}, "truth: --untrusted refuses it; name what gets it with --truth"),
    ({"truth": {"type": "null"}}, "truth: --untrusted refuses it; name what gets it with --truth"),
    ({"schedule": "/dev/zero"}, 'schedule: "/dev/zero" is a file; --untrusted refuses it'),
    ({"schedule": "own"}, 'schedule: "own" is a file; --untrusted refuses it'),
    ({"format": {"type": "pattern", "file": "/etc/passwd"}}, 'format.file: "/etc/passwd" is a file; --untrusted refuses it'),
    ({"format": {"type": "pattern", "pattern": "{{path}} %HOME%"}}, "format.pattern: the environment; --untrusted refuses it"),
    ({"format": {"type": "avro", "registry": "http://127.0.0.1:1"}}, "format.registry: --untrusted refuses it"),
    ({"templates": {"t": {"body": f"\n{BODY}"}}}, "templates.t.body: line 2: the environment; --untrusted refuses it"),
    ({"templates": {"t": {"body": "x", "header": BODY}}}, "templates.t.header: line 1: the environment; --untrusted refuses it"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a schedule of its own, and a variable of the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home")
    (tmp_path / "own").write_text('{"type": "hourly", "heights": [1]}', encoding="utf-8")


@pytest.mark.parametrize(("more", "line"), REFUSED, ids=[line for _, line in REFUSED])
@pytest.mark.parametrize("flags", [RUN, ("--validate",)])
def test_what_reaches_beyond_records_is_refused(
    more: dict[str, Any], line: str, flags: tuple[str, ...], tmp_path: Path
) -> None:
    """In a run and when it is checked; nothing is opened for it."""
    before = sorted(os.listdir(tmp_path))
    outcome = invoke(*flags, "--untrusted", spec={**shop(), **more})
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", f"stdin: {line}\n")
    assert sorted(os.listdir(tmp_path)) == before


def test_all_of_it_is_told_in_one_go() -> None:
    """In the order of the document."""
    spec = {"schedule": "own", **shop(), "format": {"type": "pattern", "file": "x"}}
    lines = invoke("--validate", "--untrusted", spec=spec).err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["schedule", "format.file"]


def test_sources_of_a_replay_are_files(tmp_path: Path) -> None:
    """Stdin is not: it is what the user gives."""
    (tmp_path / "r.json").write_text(
        '{"type": "replay", "source_file": "own", "time_field": "time"}', encoding="utf-8"
    )
    outcome = invoke("-c", "r.json", "--untrusted", "-n", "1")
    assert outcome.err == 'r.json: source_file: "own" is a file; --untrusted refuses it\n'
    assert list(refused_parts({"source_file": "-"}, has_target=False)) == []


@pytest.mark.parametrize("key", ["states", "config"])
def test_children_are_files(key: str) -> None:
    """Whatever the kind of subprocess."""
    raw = {"states": [{"name": "a"}, {"type": "subprocess:multi_instance", key: "child.json"}]}
    (found,) = refused_parts(raw, has_target=True)
    assert found == (("states", 1, key), '"child.json" is a file; --untrusted refuses it')


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"schedule": "clickstream"},
        {"format": {"type": "pattern", "pattern": "{path} {time|%d%b%Y}"}},
        {"format": "csv"},
        {"templates": {"t": {"body": "{{ path }}"}}},
    ],
)
def test_what_stays_within_records_is_allowed(more: dict[str, Any]) -> None:
    """Curves and patterns that come with the program too."""
    assert invoke("--validate", "--untrusted", spec={**shop(), **more}).status == 0


def test_patterns_that_come_with_the_program_are_allowed() -> None:
    """By their bare names."""
    form = {"type": "pattern", "file": "key_value"}
    assert list(refused_parts({"format": form}, has_target=False)) == []


def test_a_field_may_be_called_env() -> None:
    """Then no template reads the environment by that name."""
    spec = shop(t="{{ env }}")
    spec["emitters"][0]["dimensions"].append(
        {"name": "env", "type": "string:static", "value": "prod"}
    )
    assert invoke(*RUN, "--untrusted", "--template", "t", spec=spec).status == 0


def test_the_target_of_the_user_is_used(tmp_path: Path) -> None:
    """Its environment too; the specification's own does not matter then."""
    (tmp_path / "t.json").write_text('{"type": "file", "path": "${OUT}"}', encoding="utf-8")
    os.environ["OUT"] = "out"
    spec = {**shop(), "target": {"type": "file", "path": "other"}}
    try:
        assert invoke(*RUN, "--untrusted", "-t", "t.json", spec=spec).status == 0
    finally:
        del os.environ["OUT"]
    assert (tmp_path / "out").exists()
    assert not (tmp_path / "other").exists()


def test_a_large_specification_is_refused() -> None:
    """Before it is taken apart."""
    outcome = invoke("--validate", "--untrusted", spec={**shop(), "_": "x" * (5 << 20)})
    assert outcome.err == "stdin: is larger than 4 MB\n"


@pytest.mark.parametrize("raw", [None, [], 1, {"format": 1, "states": {}, "schedule": 1}])
def test_what_is_no_specification_is_told_elsewhere(raw: Any) -> None:
    """By the checks that everybody gets."""
    assert list(refused_parts(raw, has_target=False)) == []


HOSTILE: dict[str, Callable[[Path], dict[str, Any]]] = {
    "schedule": lambda path: {"schedule": str(path)},
    "pattern": lambda path: {"format": {"type": "pattern", "file": str(path)}},
}


@pytest.mark.parametrize("flags", [RUN, ("--validate",)])
@pytest.mark.parametrize("kind", HOSTILE)
def test_files_that_never_end_are_errors_at_once(
    kind: str, flags: tuple[str, ...], tmp_path: Path
) -> None:
    """Also without --untrusted: no pipe is waited for, no device is read."""
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/zero")):
        outcome = invoke(*flags, spec={**shop(), **HOSTILE[kind](path)})
        assert outcome.status == 1
        assert outcome.err.endswith("is not a regular file\n")
        assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("flag", ["-t", "-f", "--schedule"])
def test_files_of_flags_are_regular_too(flag: str, tmp_path: Path) -> None:
    """A pipe may be only what -c names."""
    os.mkfifo(tmp_path / "fifo")
    outcome = invoke("-c", "example", *RUN, flag, "fifo")
    assert (outcome.status, outcome.err) == (1, "fifo: is not a regular file\n")


CERTIFICATES: list[dict[str, Any]] = [
    {"type": "http", "url": "https://127.0.0.1:1/", "ssl_cafile": "fifo"},
    {"type": "tcp", "host": "127.0.0.1", "port": 1, "tls": True, "ssl_cafile": "fifo"},
]


@pytest.mark.parametrize("target", CERTIFICATES, ids=["http", "tcp"])
def test_certificates_are_regular_files(target: dict[str, Any], tmp_path: Path) -> None:
    """One line before anything is sent."""
    os.mkfifo(tmp_path / "fifo")
    outcome = invoke(*RUN, spec={**shop(), "target": target})
    assert outcome.status == 1
    assert outcome.err.endswith("fifo: is not a regular file\n")


def test_a_specification_may_be_a_pipe_that_ends() -> None:
    """One that does not end is too large."""
    outcome = invoke("-c", "/dev/zero", "--validate")
    assert outcome.err == "/dev/zero: is larger than 64 MB\n"
