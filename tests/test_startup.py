"""A short run loads only what it needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import structure
from datagen.fields import FIELDS
from datagen.formats import FORMATS
from datagen.spec.process import STATES
from datagen.spec.process_document import ProcessDocument
from datagen.targets import TARGETS
from datagen.validation import Family, Model
from tests.support.machines import Spec, spec_of

ROOT = Path(__file__).parent.parent
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
PROCESSES = {"support_tickets"}
OF_PROCESSES = {
    f"datagen.spec.{name}"
    for name in (
        "children",
        "process",
        "subprocesses",
        "process_document",
        "process_flows",
        "process_family",
    )
}
OF_OTHERS = {
    *(
        "datagen.running.yaml_text",
        "fastavro",
        "pyarrow.parquet",
        "httpx",
        "confluent_kafka",
        "kafka",
        "dateutil.parser",
    ),
    *("prometheus_client", "tqdm", "jinja2", "filelock", "scipy", "ruamel"),
    *("datagen.targets.http", "datagen.targets.kafka.base", "datagen.targets.tcp"),
    *("datagen.targets.udp", "datagen.targets.tee", "datagen.targets.files.target"),
    *("datagen.formats.avro", "datagen.formats.columnar", "datagen.formats.delimited"),
    *("datagen.formats.pattern", "datagen.formats.template", "datagen.templating"),
    *("datagen.replay", "datagen.sources", "datagen.spec.process_family"),
}
RUN = "import sys, generator; generator.main(); print(*sys.modules, file=sys.stderr)"


def loaded_by(*arguments: str, spec: Spec | None = None) -> set[str]:
    """Return the modules that a run of ten records has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments, "-n", "10", "-s", "2027-03-12", "-q"],
        cwd=ROOT, input=json.dumps(spec), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.count("\n") == 10
    return set(done.stderr.split())


USED = {"shop": {"jinja2", "datagen.templating", "datagen.sources"}}  # expressions, and a table


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_load_only_what_they_use(preset: str) -> None:
    """JSON to stdout needs no other format and target, and a machine of states no process."""
    loaded = loaded_by("-c", preset)
    assert OF_OTHERS & loaded == USED.get(preset, set())
    assert bool(OF_PROCESSES & loaded) is (preset in PROCESSES)


@pytest.mark.parametrize(
    "shape",
    [{"type": "gamma", "shape": 2, "scale": 1}, {"type": "beta", "alpha": 2, "beta": 5}],
)
def test_no_run_imports_scipy(shape: Spec) -> None:
    """It is no dependency: gamma and beta have tables of their own."""
    assert "scipy" not in loaded_by(spec=spec_of({"a": (shape, {"a": 1})}, shape))


def test_what_is_not_loaded_exists() -> None:
    """A module that has moved would never be loaded."""
    ours = {name for name in OF_OTHERS | OF_PROCESSES if name.startswith("datagen.")}
    assert ours <= set(structure.files())


@pytest.mark.parametrize(
    ("name", "family"),
    [("FIELDS", FIELDS), ("FORMATS", FORMATS), ("STATES", STATES), ("TARGETS", TARGETS)],
)
def test_members_are_where_they_are_looked_for(name: str, family: Family[Model]) -> None:
    """Each type leads to its model, and no file has another one that would not be found."""
    assert "states" in ProcessDocument.model_fields  # whose module registers all of them
    assert all(model.model_fields["type"].default == kind for kind, model in family.items())
    files = (ROOT / "datagen").rglob("*.py")
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert len(family) == sum(text.count(f"@{name}.register\n") for text in texts)
