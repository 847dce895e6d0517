"""Prints how fast templates write the clickstream preset, beside JSON and a pattern of its fields.

The rate is that of the run proper, from its summary: the median of some rounds, each of which
measures everything once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import specs
from benchmarks.measure import ROOT, python

FIELDS = "user_id country language session client_ip device referrer event keyword product".split()  # noqa: SIM905 - a list of a line
_LOG = (
    "{{ client_ip }} - {{ user_id }} [{{ time.strftime('%d/%b/%Y:%H:%M:%S') }} +0000] \"GET /{{ event }}"
    "{% if keyword %}?q={{ keyword|replace(' ', '+') }}{% endif %}{% if product %}/{{ product }}{% endif %}\""
    " \"{{ referrer or '-' }}\" {{ device|upper }} {{ country }}-{{ language }} {{ session }}"
)
TEMPLATES = {
    "fields, as columns": "{{ time }} " + " ".join(f"{{{{ {name} }}}}" for name in FIELDS),
    "log, as columns": _LOG,
    "log, by Jinja2": "{% set here = 1 %}" + _LOG,
}
FEWER = 10  # times fewer records by Jinja2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.templates", description=__doc__)
    parser.add_argument("--records", type=int, default=2_000_000, help="records of a run")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        pattern = Path(folder, "pattern")
        pattern.write_text("{time} " + " ".join(f"{{{name}}}" for name in FIELDS))
        flags = {"JSON": [], "pattern of the fields": ["-f", str(pattern)]}
        flags |= {name: ["--template", name] for name in TEMPLATES}
        rates: dict[str, list[float]] = {name: [] for name in flags}
        for _ in range(options.rounds):
            for name, more in flags.items():
                fewer = FEWER if "Jinja2" in name else 1
                rates[name].append(_rate(Path(folder), options.records // fewer, more))
    print("| format | records/s | x JSON |\n|---|---:|---:|")
    for name, found in rates.items():
        ratio = median(one / other for one, other in zip(found, rates["JSON"], strict=True))
        print(f"| {name} | {median(found):,.0f} | {ratio:.2f} |")
    return 0


def _rate(folder: Path, records: int, flags: list[str]) -> float:
    """Return the records a second of a run."""
    templates = {name: {"body": body} for name, body in TEMPLATES.items()}
    spec, summary = folder / "spec.json", folder / "summary.json"
    spec.write_text(json.dumps({**specs.clickstream(), "templates": templates}))
    command = python(
        "generator.py", "-c", str(spec), "-n", str(records), "-m", "10000", "-s", "2027-03-12",
        "--seed", "1", "-q", "--summary", str(summary), *flags,
    )  # fmt: skip
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(command, cwd=ROOT, stdout=nowhere, stderr=subprocess.PIPE, check=True)
    seconds: float = json.loads(summary.read_text())["seconds"]
    return records / seconds


if __name__ == "__main__":
    sys.exit(main())
