"""Imports run one way, and `--help` is light."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = """
    errors console ending filesets places commandline randomness instants jsontext
    shapes timepatterns moments valuespecs layouts avrobinary columns timeforms medians normal schema timereading sources
    zones curves paces caps distributions timers fields graph references process spec tables replay recording machine paths
    arrivals windows workers recall cursor records passes replaying makers labels plans expressions branches templates formats targets clock
    documents ahead summary stretch checkpoint keeping pipeline progress metrics resuming loading operation
""".split()  # noqa: SIM905 - a list of 30 lines says less


def modules() -> list[str]:
    """Name all modules of the package."""
    files = sorted((ROOT / "datagen").rglob("*.py"))
    return [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]


def imported_by(module: str) -> set[str]:
    """Give the modules of the package that one imports, at its top or inside."""
    path = (ROOT / module.replace(".", "/")).with_suffix(".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name for name in found if re.match(r"datagen\.(?!__)", name)}


def rank(module: str) -> int:
    """Give a module's place in the order of layers."""
    return ORDER.index(module.split(".")[1])


@pytest.mark.parametrize("module", [name for name in modules() if name != "datagen.__init__"])
def test_imports_run_one_way(module: str) -> None:
    """A module imports only from layers before its own, or from its own package."""
    for other in imported_by(module):
        same_package = other.split(".")[1] == module.split(".")[1]
        assert same_package or rank(other) < rank(module), f"{module} imports {other}"


def test_order_names_every_module() -> None:
    """No layer is forgotten, and none is made up."""
    names = {name.split(".")[1] for name in modules()} - {"__init__"}
    assert names == set(ORDER)


def test_package_itself_imports_nothing() -> None:
    """`import datagen` costs nothing."""
    assert imported_by("datagen.__init__") == set()


def test_importing_the_command_line_is_light() -> None:
    """`--help` needs neither numpy nor pyarrow nor pydantic."""
    code = "import generator, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "pyarrow", "pydantic", "dateutil", "scipy"} & set(loaded)


@pytest.mark.parametrize("flags", [(), ("--template", "t")])
def test_json_imports_no_jinja(flags: tuple[str, ...]) -> None:
    """Not even of a specification that has templates; one that is used does."""
    spec = json.loads((ROOT / "conf" / "gen" / "example.json").read_text(encoding="utf-8"))
    spec["templates"] = {"t": {"body": "{{ client }}"}}
    code = (
        "import io, sys, generator; text = io.BytesIO(sys.argv[1].encode())\n"
        "generator.main(sys.argv[2:], text, io.BytesIO(), io.StringIO())\n"
        "print('jinja2' in sys.modules, 'datagen.pipeline' in sys.modules)"
    )
    words = [sys.executable, "-c", code, json.dumps(spec), "-n", "3", "-s", "2027-03-12", *flags]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{bool(flags)} True\n"


def test_functions_stay_small() -> None:
    """No function of the package is longer than 60 lines."""
    long = [
        f"{module}.{node.name}"
        for module in modules()
        for node in ast.walk(
            ast.parse((ROOT / module.replace(".", "/")).with_suffix(".py").read_text())
        )
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert long == []
