"""What comes from the environment is in no message: over all keys of all targets and their formats."""

import json
from pathlib import Path

import pytest

from datagen.formats import FORMATS
from datagen.targets import TARGETS
from datagen.targets.files.target import FileTarget
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec
from tests.support.servers import HOST
from tests.test_docs import keys_of

NEEDED: dict[str, Spec] = {  # keys without which a target or format is incomplete
    "file": {"path": "x"},
    "http": {"url": "http://127.0.0.1:1/"},
    "tcp": {"host": HOST, "port": 1},
    "udp": {"host": HOST, "port": 1},
    "kafka": {"endpoint": "127.0.0.1:1", "topic": "t"},
    "confluent": {"servers": "127.0.0.1:1", "topic": "t"},
    "sql": {"uri": "sqlite:///x.db"},
    "tee": {"targets": [{"type": "null"}]},
    "template": {"name": "t"},
    "pattern": {"pattern": "x"},
}
VALUES = [
    "hunter2-secret", "hunter2" * 20, "hunter2 {hunter2x} %Q ${HUNTER} \"'\\ ü", "hunter2\nhunter2\n", "{hunter2x}", "%hunter2",
    "x/hunter2x", "hunter2x.parquet", "no/hunter2x.csv",
]  # fmt: skip


TARGET_KEYS = [(kind, key) for kind, model in TARGETS.items() for key in sorted(keys_of(model))]
FORMAT_KEYS = [(kind, key) for kind, model in FORMATS.items() for key in sorted(keys_of(model))]


def check(target: Spec, folder: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Validate a target, in the specification and in a file, and look at all that is told."""
    monkeypatch.setenv("SECRET", value)
    monkeypatch.chdir(folder)
    spec = {**ENDING, "templates": {"t": {"body": "x"}}}
    Path("t.json").write_text(json.dumps(target))
    Path("conf/tar").mkdir(parents=True, exist_ok=True)
    Path("conf/tar/bare.json").write_text(json.dumps(target))
    outcomes = [invoke("--validate", "-v", spec={**spec, "target": target})]
    if value == VALUES[0]:
        outcomes += [invoke("--validate", "-t", name, spec=spec) for name in ("t.json", "bare")]
    for outcome in outcomes:
        assert "hunter2" not in outcome.err, outcome.err
        assert "internal error" not in outcome.err


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize(("kind", "key"), TARGET_KEYS)
def test_validation_of_a_target_does_not_show_it(
    kind: str, key: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right or wrong, whole or in part, as the value of any key."""
    target = {"type": kind, **NEEDED.get(kind, {})}
    check({**target, key: "${SECRET}"}, tmp_path, monkeypatch, value)
    if value not in VALUES[:2]:
        return
    for wrong in ("x${SECRET}", ["${SECRET}"], {"type": "${SECRET}", "a": "${SECRET}"}):
        check({**target, key: wrong}, tmp_path, monkeypatch, value)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize(("kind", "key"), FORMAT_KEYS)
def test_validation_of_the_format_of_a_target_does_not_show_it(
    kind: str, key: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor that of a target within another."""
    form = {"type": kind, **NEEDED.get(kind, {}), key: "${SECRET}"}
    check({"type": "null", "format": form}, tmp_path, monkeypatch, value)
    within = {"type": "file", "path": "x", "mode": "${SECRET}", "format": form}
    check({"type": "tee", "targets": [{"type": "null"}, within]}, tmp_path, monkeypatch, value)


@pytest.mark.parametrize(
    "target",
    [
        {"type": "file", "path": "${SECRET}/x"},
        {"type": "file", "path": "${SECRET}/x.parquet"},
        {"type": "file", "path": "${SECRET}/%H.csv"},
        {"type": "tcp", "host": "${SECRET}.invalid", "port": 1, "timeout": 0.1},
        {"type": "udp", "host": "${SECRET}.invalid", "port": 1, "timeout": 0.1},
        {"type": "http", "url": "http://${SECRET}.invalid/", "retry_seconds": 0},
        {"type": "http", "url": "http://127.0.0.1:1/", "ssl_cafile": "${SECRET}"},
        {"type": "tcp", "host": HOST, "port": 1, "tls": True, "ssl_cafile": "${SECRET}"},
        {"type": "sql", "uri": "sqlite:///${SECRET}/x.db"},
        {"type": "sql", "uri": "postgresql://me@${SECRET}.invalid/x"},
        {"type": "tee", "targets": [{"type": "null"}, {"type": "file", "path": "${SECRET}/x", "optional": True}]},
    ],
    ids=lambda target: "-".join(map(str, target.values()))[:60],
)  # fmt: skip
def test_failure_of_a_run_does_not_show_it(
    target: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the error or warning, nor the summary."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "hunter2-secret")
    monkeypatch.setenv("NO_PROXY", "*")
    flags = ("-v", "-s", "2027-03-12", "-n", "3", "--summary", "summary.json")
    outcome = invoke(*flags, spec={**ENDING, "target": target})
    assert outcome.status == (target["type"] != "tee")
    told = outcome.err + Path("summary.json").read_text()
    assert "hunter2" not in told
    assert "${SECRET}" in outcome.err


def test_traceback_of_a_mistake_of_ours_does_not_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -v."""
    monkeypatch.setenv("SECRET", "hunter2-secret")

    def fail(self: FileTarget, *_: object) -> None:
        raise ValueError(f"of {self.path}")

    monkeypatch.setattr("datagen.targets.files.target.FileTarget.open", fail)
    target = {"type": "file", "path": f"{tmp_path}/${{SECRET}}"}
    outcome = invoke("-v", "-n", "1", "-s", "2027-03-12", spec={**ENDING, "target": target})
    assert "Traceback" in outcome.err
    assert f"ValueError: of {tmp_path}/${{SECRET}}" in outcome.err
    assert "hunter2" not in outcome.err
