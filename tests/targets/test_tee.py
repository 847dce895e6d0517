"""Several targets at once, and the one that only counts."""

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import ReaderGoneError, TargetError
from datagen.formats.rendered import Rendered
from datagen.part import Part
from datagen.running.documents import parse_target
from datagen.targets import Sink
from datagen.targets.memory import MemorySink
from datagen.targets.tee import TeeTarget
from tests.support.collectors import TOOK_ALL
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING, Spec
from tests.support.records import rendered
from tests.support.servers import HOST, HttpServer, Reply, TcpServer, free_port

WIDE: Spec = {
    **NEVER_ENDING,
    "emitters": [{"name": "e", "dimensions": [{"name": "id", "type": "uuid"}]}],
}
NULL: Spec = {"type": "null"}
STDOUT: Spec = {"type": "stdout"}


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment stands between the tests and their servers."""
    monkeypatch.setenv("NO_PROXY", "*")


def run(target: Spec | None = None, n: int = 1000) -> Outcome:
    """Run the program with everything fixed but the target."""
    spec = {**WIDE, "target": STDOUT if target is None else target}
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), spec=spec)


def tee(*targets: Spec) -> Spec:
    """Return a target of several."""
    return {"type": "tee", "targets": list(targets)}


def lines(n: int) -> Rendered:
    """Return n lines as a format would."""
    return rendered([b"ab\n"] * n, targets=3)


def parts(outcome: Outcome) -> list[str]:
    """Return the lines of the summary about single targets."""
    return re.findall(r"^  (targets.*)$", outcome.err, re.MULTILINE)


# null ---------------------------------------------------------------------------------------------


def test_null_counts() -> None:
    """Nothing is written anywhere; records and bytes are counted."""
    outcome = run(NULL, n=5000)
    assert (outcome.status, outcome.out) == (0, b"")
    assert f"\n5,000 records, {len(run(n=5000).out):,} bytes in " in outcome.err


def test_null_is_a_ready_target() -> None:
    """`-t null` needs no file."""
    outcome = invoke("-c", "example", "-t", "null", "-n", "7", "-s", "2027-03-12")
    assert "\n7 records, " in outcome.err


# All is well --------------------------------------------------------------------------------------


def test_each_target_gets_all_records(tmp_path: Path) -> None:
    """Whatever the kinds; the summary has the counts of each, and the sum of their bytes."""
    path = tmp_path / "x.jsonl"
    with TcpServer() as over_tcp, HttpServer() as over_http:
        outcome = run(
            tee(
                STDOUT,
                {"type": "file", "path": str(path)},
                tee(NULL, {"type": "tcp", "host": HOST, "port": over_tcp.port}),
                {"type": "http", "url": over_http.url},
            )
        )
        got = [outcome.out, path.read_bytes(), over_tcp.received(), over_http.received()]
    expected = run().out
    assert outcome.status == 0
    assert got == [expected] * 4
    each = f"1,000 records, {len(expected):,} bytes"
    assert parts(outcome) == [
        f"targets[0] (stdout): {each}",
        f"targets[1] (file): {each}",
        f"targets[2] (tee): 1,000 records, {2 * len(expected):,} bytes",
        f"targets[2].targets[0] (null): {each}",
        f"targets[2].targets[1] (tcp): {each}",
        f"targets[3] (http): {each}",
    ]
    assert f"\n1,000 records, {5 * len(expected):,} bytes in " in outcome.err


def test_targets_that_need_labels_get_their_own() -> None:
    """Two of the same kind with different templates, at different depths."""
    with (
        HttpServer(answer=lambda _: TOOK_ALL) as one,
        HttpServer(answer=lambda _: TOOK_ALL) as other,
    ):
        hec = {"type": "http", "envelope": "splunk_hec"}
        outcome = run(
            tee(
                {**hec, "url": one.url, "host": "{id}"},
                tee(NULL, {**hec, "url": other.url, "host": "{emitter}", "index": "x"}),
            ),
            n=20,
        )
    assert outcome.status == 0
    events = [[json.loads(line) for line in each.received().splitlines()] for each in (one, other)]
    assert [event["host"] for event in events[0]] == [each["id"] for each in run(n=20).records]
    assert {(event["host"], event["index"]) for event in events[1]} == {("e", "x")}
    assert "index" not in events[0][0]


# Failures -----------------------------------------------------------------------------------------


def test_target_that_fails_ends_the_run(tmp_path: Path) -> None:
    """Status 1 and its error; each has counts of its own, and the least of them are delivered."""
    path = tmp_path / "x.gz"
    with HttpServer(Reply(), Reply(400, b"enough")) as server:
        target = {"type": "http", "url": server.url, "batch_records": 10}
        outcome = run(tee({"type": "file", "path": str(path)}, target, NULL))
    assert outcome.status == 1
    assert outcome.err.endswith("answered 400 Bad Request: enough; 10 records were delivered\n")
    counts = [figures(part) for part in parts(outcome)]
    assert [delivered for delivered, _, _ in counts] == [path_lines(path), 10, counts[2][0]]
    assert [failed for _, failed, _ in counts] == [0, 10, 0]
    assert len({sum(each) for each in counts}) == 1
    least = min(delivered for delivered, _, _ in counts)
    found = re.search(r"\n(\d+) records?, (\d+) not delivered \(10 failed, ", outcome.err)
    assert found
    assert [*map(int, found.groups())] == [least, sum(counts[0]) - least]


def figures(part: str) -> tuple[int, int, int]:
    """Return what a line of the summary says: delivered, failed, not sent."""
    found = [re.search(rf"([\d,]+) {what}", part) for what in ("records?", "failed", "not sent")]
    delivered, failed, unsent = (int(each[1].replace(",", "")) if each else 0 for each in found)
    return delivered, failed, unsent


def path_lines(path: Path) -> int:
    """Return how many lines a compressed file holds."""
    return gzip.decompress(path.read_bytes()).count(b"\n")


def test_target_that_cannot_be_reached_ends_the_run(tmp_path: Path) -> None:
    """Before anything is generated; the targets before it are let go."""
    path = tmp_path / "x.jsonl"
    tcp = {"type": "tcp", "host": HOST, "port": free_port(), "timeout": 0.1}
    outcome = run(tee({"type": "file", "path": str(path)}, tcp))
    assert outcome.status == 1
    assert outcome.err.endswith(": Connection refused; 0 records were delivered\n")
    assert path.read_bytes() == b""


def test_target_that_cannot_be_reached_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    """A run that is resumed too early: a file of an hour is not ended, nor is a stream of compressed bytes."""
    place, other = tmp_path / "a", tmp_path / "b"
    for folder in (place, other):
        folder.mkdir()

    def outcome(folder: Path) -> Outcome:
        """Resume for 20 minutes."""
        files = [
            {"type": "file", "path": str(folder / name)}
            for name in ("%H.json", "a.json.gz", "c.txt")
        ]
        spec = {**WIDE, "target": {"type": "tee", "targets": files}}
        keep = ("--resume", str(folder / "at"), "-r", "20M")
        return invoke("-s", "2027-03-12", "--seed", "1", *keep, spec=spec)

    assert outcome(place).status == 0
    (place / "c.txt").rename(place / "elsewhere")
    (place / "c.txt").mkdir()
    assert outcome(place).status == 1
    (place / "c.txt").rmdir()
    (place / "elsewhere").rename(place / "c.txt")
    assert outcome(place).status == 0
    assert all(outcome(other).status == 0 for _ in range(2))
    names = {each.name for each in other.iterdir()}
    assert names == {each.name for each in place.iterdir()} > {"00.json.part"}
    for name in names - {"at"}:
        assert (place / name).read_bytes() == (other / name).read_bytes()


def test_run_goes_on_without_an_optional_target() -> None:
    """One that cannot be reached and one that fails later: a warning each, status 0, true counts."""
    tcp = {"type": "tcp", "host": HOST, "port": free_port(), "timeout": 0.1, "optional": True}
    with HttpServer(Reply(), Reply(404)) as server:
        http = {"type": "http", "url": server.url, "batch_records": 10, "optional": True}
        outcome = run(tee(tcp, http, STDOUT))
    assert outcome.status == 0
    assert outcome.out == run().out
    warnings = [line for line in outcome.err.splitlines() if line.startswith("warning: ")]
    refused = f"tcp {HOST}:{tcp['port']}: Connection refused; 0 records were delivered"
    answered = f"{server.url}: answered 404 Not Found; 10 records were delivered"
    assert warnings == [
        f"warning: targets[0] (tcp): {refused}; the run continues without it",
        f"warning: targets[1] (http): {answered}; the run continues without it",
    ]
    assert "\n1,000 records, " in outcome.err
    assert parts(outcome)[0] == "targets[0] (tcp): 0 records, 1,000 not sent, 0 bytes"
    assert parts(outcome)[1].startswith("targets[1] (http): 10 records, 10 failed, 980 not sent, ")


def test_optional_target_may_fail_at_the_end() -> None:
    """When it delivers the rest: a warning, and the counts are right."""
    with HttpServer(Reply(400)) as server:
        outcome = run(tee(NULL, {"type": "http", "url": server.url, "optional": True}), n=10)
    assert outcome.status == 0
    assert "warning: targets[1] (http): " in outcome.err
    assert "answered 400 Bad Request; 0 records were delivered\n" in outcome.err
    assert parts(outcome)[1] == "targets[1] (http): 0 records, 10 failed, 0 bytes"


def test_every_failure_at_the_end_is_told() -> None:
    """Two required targets that fail to deliver the rest are two lines."""
    with HttpServer(Reply(400)) as one, HttpServer(Reply(403)) as other:
        outcome = run(tee(*({"type": "http", "url": each.url} for each in (one, other))), n=10)
    assert outcome.status == 1
    assert [line.partition(": ")[2] for line in outcome.err.splitlines()[-2:]] == [
        "answered 400 Bad Request; 0 records were delivered",
        "answered 403 Forbidden; 0 records were delivered",
    ]


class Pipe(io.BytesIO):
    """A stdout whose reader goes away."""

    def write(self, data: Any) -> int:
        """Fail as a closed pipe does."""
        raise BrokenPipeError


def test_reader_of_stdout_that_leaves_ends_the_run(tmp_path: Path) -> None:
    """As without a tee; unless it is optional, when the others go on."""
    file = {"type": "file", "path": str(tmp_path / "x")}
    with pytest.raises(ReaderGoneError), opened(tee(file, STDOUT), Pipe()) as sink:
        sink.write(lines(3))
    with opened(tee(file, {**STDOUT, "optional": True}), Pipe()) as sink:
        sink.write(lines(3))
        sink.write(lines(2))
    assert sink.delivered == 5


def opened(target: Spec, stdout: io.BytesIO | None = None) -> Sink:
    """Open a target."""
    return parse_target(target, "t.json").open(stdout or io.BytesIO())


class Member(MemorySink):
    """A sink that keeps a diary, and fails when told to."""

    def __init__(self, diary: list[str], fails: dict[str, BaseException]) -> None:
        super().__init__()
        self.diary, self.fails = diary, fails

    def write(self, records: Rendered) -> None:
        self._note("write")
        super().write(records)

    def flush(self) -> None:
        self._note("flush")

    def close(self) -> None:
        self._note("close")

    def _note(self, what: str) -> None:
        self.diary.append(what)
        if what in self.fails:
            raise self.fails[what]


def members(
    monkeypatch: pytest.MonkeyPatch, *fails: dict[str, BaseException], optional: int = -1
) -> tuple[Sink, list[list[str]]]:
    """Return a tee of members that fail in their ways, and their diaries."""
    diaries: list[list[str]] = [[] for _ in fails]
    made = iter([Member(diary, each) for diary, each in zip(diaries, fails, strict=True)])
    monkeypatch.setattr("datagen.targets.null.NullTarget.open", lambda self, stdout: next(made))
    targets = [{**NULL, "optional": place == optional} for place in range(len(fails))]
    return opened(tee(*targets)), diaries


def test_flush_reaches_every_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that hold records back let go of them."""
    sink, diaries = members(monkeypatch, {}, {})
    with sink:
        sink.write(lines(1))
        sink.flush()
    assert diaries == [["write", "flush", "close"]] * 2


@pytest.mark.parametrize("error", [TargetError("no"), KeyboardInterrupt()])
def test_every_target_is_closed_once(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the others raise, in a write or when they are closed."""
    sink, diaries = members(monkeypatch, {"close": error}, {"write": error}, {})
    with pytest.raises(type(error)), sink:
        sink.write(lines(1))
    assert diaries == [["write", "close"], ["write", "close"], ["close"]]
    assert (sink.delivered, sink.failed) == (0, 0)


def test_optional_target_is_left_alone_once_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is closed at once, hears of nothing more, and is warned of once."""
    sink, diaries = members(monkeypatch, {}, {"flush": TargetError("no")}, optional=1)
    warnings: list[str] = []
    sink.set_warning_handler(warnings.append)
    with sink:
        for _ in range(3):
            sink.write(lines(2))
            sink.flush()
    assert diaries == [["write", "flush"] * 3 + ["close"], ["write", "flush", "close"]]
    assert warnings == ["targets[1] (null): no; the run continues without it"]
    assert [part.delivered for part in sink.parts()] == [6, 2]


def test_interruption_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a close fails and another is interrupted, the run was interrupted."""
    sink, diaries = members(
        monkeypatch, {"close": TargetError("no")}, {"close": KeyboardInterrupt()}, {}
    )
    with pytest.raises(KeyboardInterrupt):
        sink.close()
    assert diaries == [["close"]] * 3


# Specifications -----------------------------------------------------------------------------------

FILE: Spec = {"type": "file", "path": "x"}


@pytest.mark.parametrize(
    ("target", "problems"),
    [
        ({"type": "tee"}, ["targets: missing"]),
        (tee(), ["targets: expected at least one target"]),
        ({"type": "tee", "targets": NULL}, ["targets: expected a list, not an object"]),
        (tee({**NULL, "optional": True}), ["targets: at least one of the targets must not be optional"]),
        (tee({**NULL, "optional": 1}), ["targets[0].optional: expected true or false, not 1"]),
        (tee(STDOUT, NULL, STDOUT), ["targets[2]: targets[0] is stdout already"]),
        (tee(STDOUT, tee(NULL, STDOUT)), ["targets[1]: targets[0] is stdout already"]),
        (tee(tee(STDOUT, STDOUT)), ["targets[0].targets[1]: targets[0] is stdout already"]),
        (tee({**FILE, "path": "x" * 99 + "1"}, {**FILE, "path": "x" * 99 + "2"}, STDOUT, STDOUT),
         ["targets[3]: targets[2] is stdout already"]),
        (tee(FILE, FILE), ['targets[1]: targets[0] is the file "x" already']),
        (
            tee(FILE, {"type": "file", "path": "./x"}),
            ['targets[1]: targets[0] is the file "./x" already'],
        ),
        (
            tee({"type": "file"}, {"type": "nul"}, 5),  # type: ignore[arg-type]
            [
                "targets[0].path: missing",
                'targets[1].type: no target type "nul"; did you mean "null"?',
                'targets[2]: expected an object such as {"type": ',
            ],
        ),
        (tee({**NULL, "optinal": True}), ["targets[0].optinal: unknown key"]),
        (
            tee(NULL, {"type": "http", "url": "http://h/", "envelope": "splunk_hec", "host": "{x}"}),
            ['targets[1].host: no emitter has a field "x"'],
        ),
    ],
)  # fmt: skip
def test_wrong_tee_is_refused(target: Spec, problems: list[str]) -> None:
    """All problems in one go, each with the place in the nested list."""
    outcome = run(target)
    assert outcome.status == 1
    said = outcome.err.splitlines()
    assert len(said) == len(problems)
    for line, problem in zip(said, problems, strict=True):
        assert line.startswith(f"stdin: target.{problem}")


def test_tee_does_not_overwrite_the_specification(tmp_path: Path) -> None:
    """Nor does a file inside it."""
    path = tmp_path / "spec.json"
    text = json.dumps({**WIDE, "target": tee(NULL, tee(NULL, {"type": "file", "path": str(path)}))})
    path.write_text(text)
    outcome = invoke("-c", str(path), "-s", "2027-03-12", "-n", "1")
    assert "the target would overwrite the specification" in outcome.err
    assert path.read_text() == text


def test_tee_tells_whether_it_holds_stdout() -> None:
    """So that progress is not written among the records."""
    assert [
        TeeTarget.model_validate(each).on_stdout()
        for each in (tee(NULL), tee(NULL, STDOUT), tee(tee(STDOUT)))
    ] == [False, True, True]


def test_part_of_a_stream_has_names_of_its_own_everywhere() -> None:
    """In each of the targets."""
    files = [{"type": "file", "path": f"{name}-{{part}}"} for name in "ab"]
    target = TeeTarget.model_validate(tee(*files, NULL))
    assert target.of_part(Part(3, 12)).files().paths == ("a-03", "b-03")
    assert target.files().paths == ("a-{part}", "b-{part}")
    assert list(target.part_notes()) == []
    shared = TeeTarget.model_validate(tee({"type": "file", "path": "a"}, NULL))
    assert len(list(shared.part_notes())) == 1
