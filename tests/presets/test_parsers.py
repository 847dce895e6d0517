"""The programs that read such logs read ours: thousands of lines of each, and none is refused.

With `-m long` it is 100,000 lines.

GoAccess and lnav are programs of Debian's; without them their tests are skipped, but not in CI.
"""

import csv
import io
import json
import os
import shlex
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jc
import pyarrow.csv
import pytest
import syslogmp

from tests.support.helpers import invoke

LINES = 10_000


@pytest.fixture(params=[LINES, pytest.param(100_000, marks=pytest.mark.long)])
def size(request: pytest.FixtureRequest) -> int:
    """Return how many lines are read."""
    lines: int = request.param
    return lines


@cache
def output(size: int, preset: str, *options: str) -> bytes:
    """Return so many lines of a preset in a format."""
    limits = ("-n", str(size), "--seed", "20270312", "-s", "2027-03-12", "-q")
    outcome = invoke("-c", preset, *options, *limits)
    assert outcome.status == 0, outcome.err
    return outcome.out


def program(name: str) -> str:
    """Return the path of a program; without it, skip the test, or fail it in CI."""
    path = shutil.which(name)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"CI needs {name}: apt-get install {name}")
    if path is None:
        pytest.skip(f"needs the program {name}: apt-get install {name}")
    return path


def saved(folder: Path, name: str, data: bytes) -> Path:
    """Write lines into a file."""
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("form", "known_as"), [("ncsa_combined", "COMBINED"), ("ncsa_common", "COMMON")]
)
def test_goaccess_reads_every_request(form: str, known_as: str, size: int, tmp_path: Path) -> None:
    """Its report counts all lines as valid, and knows bots, missing pages and referrers."""
    goaccess = program("goaccess")
    log = saved(tmp_path, "access.log", output(size, "web_access", "-f", form))
    report = tmp_path / "report.json"
    command = [goaccess, str(log), f"--log-format={known_as}", "--no-global-config"]
    subprocess.run([*command, "-o", str(report)], check=True, capture_output=True)
    general = json.loads(report.read_text())["general"]
    read = {name: general[f"{name}_requests"] for name in ("total", "valid", "failed")}
    assert read == {"total": size, "valid": size, "failed": 0}
    assert general["unique_not_found"] > 15
    assert general["unique_referrers"] > 30 or form == "ncsa_common"


@pytest.mark.parametrize(
    ("preset", "form", "table"),
    [
        ("web_access", "ncsa_combined", "access_log"),
        ("web_access", "key_value", "logfmt_log"),
        ("ssh_auth", "sshd", "syslog_log"),
        ("dns_queries", "dns_bind", "syslog_log"),
        ("syslog_app", "syslog_app", "syslog_log"),
        ("syslog_app", "syslog_rfc5424", "syslog_log"),
    ],
)
def test_lnav_knows_every_line(
    preset: str, form: str, table: str, size: int, tmp_path: Path
) -> None:
    """It finds the format out by itself, and takes no line for the continuation of another."""
    lnav = program("lnav")
    log = saved(tmp_path, "log", output(size, preset, "-f", form))
    done = subprocess.run(
        [lnav, "-n", "-c", f";SELECT count(*) AS lines FROM {table}", str(log)],
        check=True, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.split() == ["lines", str(size)]


@pytest.mark.parametrize(
    ("preset", "form", "parser"),
    [
        ("web_access", "ncsa_combined", "clf"),
        ("web_access", "ncsa_common", "clf"),
        ("syslog_app", "syslog_app", "syslog"),
        ("syslog_app", "syslog_rfc5424", "syslog"),
        ("syslog_app", "syslog_rfc3164", "syslog_bsd"),
        ("ssh_auth", "sshd", "syslog_bsd"),
        ("dns_queries", "dns_bind", "syslog_bsd"),
    ],
)
def test_jc_parses_every_line(preset: str, form: str, parser: str, size: int) -> None:
    """No line comes back as one that cannot be parsed."""
    parsed: Any = jc.parse(parser, output(size, preset, "-f", form).decode(), raw=True, quiet=True)
    assert len(parsed) == size
    assert not [line for line in parsed if "unparsable" in line]


def test_structured_data_comes_back() -> None:
    """What the element of a request holds is what the record holds, and so are pri and msgid."""
    text = output(LINES, "syslog_app", "-f", "syslog_app").decode()
    parsed: Any = jc.parse("syslog", "\n".join(text.splitlines()[:400]), quiet=True)
    records = map(json.loads, output(LINES, "syslog_app").splitlines()[:400])
    kinds: Counter[str] = Counter()
    for line, record in zip(parsed, records, strict=True):
        assert (line["priority"], line["msg_id"]) == (record["pri"], record["msgid"])
        assert (line["proc_id"], line["message"]) == (record["pid"], record["message"])
        for element in line["structured_data"] or ():
            kinds[element["identity"]] += 1
            if element["identity"] == "http@32473":
                shown = ("request", "method", "path", "status", "duration_ms")
                assert element["parameters"] == {name: str(record[name]) for name in shown}
    assert {"origin", "http@32473", "order@32473", "mail@32473"} <= set(kinds)


def test_syslogmp_parses_every_line_of_rfc_3164(size: int) -> None:
    """Facility, severity, time and host are all there."""
    messages = [
        syslogmp.parse(line)
        for line in output(size, "syslog_app", "-f", "syslog_rfc3164").splitlines()
    ]
    assert len(messages) == size
    assert {message.hostname for message in messages} == {
        "web-1", "web-2", "web-3", "web-4", "app-1", "app-2", "db-1", "db-2",
    }  # fmt: skip
    assert {message.facility.name for message in messages} == {
        "local0", "local1", "local2", "clock9", "system_daemons",
    }  # fmt: skip


def test_key_value_lines_are_words_of_a_shell() -> None:
    """Each is ten pairs, whatever a browser calls itself."""
    lines = output(LINES, "web_access", "-f", "key_value").decode().splitlines()
    for line in lines[:5000]:
        pairs = dict(word.split("=", 1) for word in shlex.split(line))
        assert list(pairs)[:3] == ["time", "host", "user"]
        assert len(pairs) == 10


FLOW = {
    "version": "UTINYINT", "account_id": "VARCHAR", "interface_id": "VARCHAR",
    "srcaddr": "VARCHAR", "dstaddr": "VARCHAR", "srcport": "USMALLINT", "dstport": "USMALLINT",
    "protocol": "UTINYINT", "packets": "BIGINT", "bytes": "BIGINT", "start": "BIGINT",
    "end": "BIGINT", "action": "VARCHAR", "log_status": "VARCHAR",
}  # fmt: skip


def test_duckdb_reads_every_flow_with_its_types(size: int, tmp_path: Path) -> None:
    """Fourteen columns, ports and numbers of their width; what is not there is a dash."""
    log = saved(tmp_path, "flows.log", output(size, "vpc_flow_logs", "-f", "vpc_flow_v2"))
    flows = duckdb.read_csv(
        str(log), sep=" ", header=False, columns=FLOW, na_values="-", auto_detect=False
    )
    question = """SELECT count(*), count(srcaddr), count(action), min("end" - start) FROM flows"""
    rows, known, decided, shortest = flows.query("flows", question).fetchall()[0]
    assert (rows, shortest) == (size, 0)
    assert known == decided < size


@pytest.mark.parametrize("preset", ["vpc_flow_logs", "dns_queries", "payments", "kubernetes_json"])
def test_csv_is_read_alike_by_all(preset: str, size: int, tmp_path: Path) -> None:
    """Python, pyarrow and DuckDB see the same rows and columns."""
    data = output(size, preset, "--csv")
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    table = pyarrow.csv.read_csv(io.BytesIO(data))
    relation = duckdb.read_csv(str(saved(tmp_path, "data.csv", data)), header=True)
    assert len(rows) == table.num_rows == relation.shape[0] == size
    assert {len(row) for row in rows} == {len(header)}
    assert header == table.column_names == relation.columns


@pytest.mark.parametrize("preset", ["kubernetes_json", "payments", "dns_queries"])
def test_json_is_read_by_duckdb(preset: str, size: int, tmp_path: Path) -> None:
    """Every line is a row."""
    path = saved(tmp_path, "data.json", output(size, preset))
    relation = duckdb.read_json(str(path), format="newline_delimited")
    assert relation.shape[0] == size


def test_clicks_are_read_as_tsv(size: int, tmp_path: Path) -> None:
    """The pattern gives eleven columns, the same that `--tsv` gives under its header, nulls as nothing."""
    data = output(size, "clickstream", "-f", "clickstream_tsv")
    assert data == output(size, "clickstream", "--tsv").split(b"\n", 1)[1].replace(b"\\N", b"")
    clicks = duckdb.read_csv(str(saved(tmp_path, "clicks.tsv", data)), sep="\t", header=False)
    assert clicks.shape == (size, 11)
