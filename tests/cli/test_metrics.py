"""The figures of a run, as Prometheus gets them."""

import io
import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from datagen.cli.options import metrics_address
from datagen.instants import SECOND
from datagen.running.summary import Summary
from datagen.targets.delivered import TargetCounts
from tests.support.helpers import invoke
from tests.support.machines import ENDING
from tests.support.watching import BIG, LIMITS, ROOT, START, Acting, at, main


def scraped(url: str) -> str:
    """Ask for the figures, as Prometheus does."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def figures(text: str) -> dict[str, float]:
    """Return those of ours that have no labels."""
    return {
        name: float(value)
        for name, value in re.findall(r"^(datagen_\w+) (\S+)$", text, re.MULTILINE)
    }


def address_in(err: io.StringIO) -> str:
    """Find where the figures are to be had."""
    (url,) = re.findall(
        r"^metrics: (http://127\.0\.0\.1:\d+/metrics)$", err.getvalue(), re.MULTILINE
    )
    return str(url)


def test_metrics_tell_the_run_while_it_goes_on() -> None:
    """The figures are those of the moment; the server is gone with the run."""
    err, seen = io.StringIO(), list[str]()
    out = Acting(lambda: seen.append(scraped(address_in(err))))
    assert main(*BIG, "--metrics", "0", stdout=out, stderr=err) == 0
    first, last = figures(seen[0]), figures(seen[-1])
    assert first["datagen_records_delivered_total"] == 0 < first["datagen_records_generated_total"]
    assert last["datagen_records_generated_total"] == 20_000
    assert 0 < last["datagen_records_delivered_total"] < 20_000
    assert last["datagen_bytes_delivered_total"] > 20 * last["datagen_records_delivered_total"]
    assert last["datagen_workers_started_total"] > last["datagen_workers_alive"] > 0
    assert last["datagen_simulated_time_seconds"] > START.micros / SECOND
    assert last["datagen_records_failed_total"] == last["datagen_lateness_seconds"] == 0
    assert 'seed="1"' in seen[0] and 'start="2027-03-12T00:00:00.000000"' in seen[0]
    with pytest.raises(OSError):
        scraped(address_in(err))


def test_metrics_are_those_that_the_docs_tell() -> None:
    """Each name of the table is shown, and each that is shown is in the table."""
    from datagen.cli.metrics import Figures, Metrics

    summary = at(5, parts=(TargetCounts("file", 3, 1, 20),))
    with Metrics(("127.0.0.1", 0), summary) as metrics:
        text = scraped(metrics.url)
    shown = set(re.findall(r"^(datagen_\w+)", text, re.MULTILINE))
    documented = set(
        re.findall(
            r"^\| `(datagen_\w+)`", (ROOT / "docs" / "operation.md").read_text(), re.MULTILINE
        )
    )
    assert shown == documented
    assert 'datagen_target_records_delivered_total{target="file"} 3.0' in text
    assert "process_cpu_seconds_total" in text
    assert [
        family.name for family in Figures(Summary()).collect() if "simulated" in family.name
    ] == []


def test_port_in_use_is_an_error_before_the_run() -> None:
    """Status 1, with the address and the reason; nothing generated."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = invoke(*LIMITS, "--metrics", str(port), spec=ENDING)
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err.endswith(f"\n--metrics 127.0.0.1:{port}: Address already in use\n")


def test_metrics_without_their_package_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.delitem(sys.modules, "datagen.cli.metrics", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    outcome = invoke(*LIMITS, "--metrics", "0", spec=ENDING)
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err.endswith("--metrics needs a package: pip install prometheus-client\n")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9100", ("127.0.0.1", 9100)), ("0", ("127.0.0.1", 0)), ("0.0.0.0:9100", ("0.0.0.0", 9100)),
        ("localhost:65535", ("localhost", 65535)), ("[::1]:80", ("::1", 80)), ("[::]:80", ("::", 80)),
    ],
)  # fmt: skip
def test_metrics_listen_on_the_loopback_unless_a_host_is_given(
    text: str, address: tuple[str, int]
) -> None:
    """A port alone is one of this machine only."""
    assert metrics_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "65536", ":9100", "host:", "::1:80", "[]:80", "80.0", "٣"]
)
def test_wrong_address_of_metrics_is_wrong_usage(text: str) -> None:
    """Status 2, and nothing listens anywhere."""
    outcome = invoke(*LIMITS, f"--metrics={text}", spec=ENDING)
    assert (outcome.status, outcome.out) == (2, b"")
    assert "--metrics: expected " in outcome.err


def test_what_is_not_asked_for_is_not_loaded() -> None:
    """A run without a terminal and without --metrics imports neither package."""
    code = (
        "import generator, sys; generator.main(['-c', 'payments', '-n', '5', '-s', 'now', '-q']);"
        "print({'tqdm', 'prometheus_client', 'wsgiref', 'datagen.cli.metrics'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == ["set()"]
