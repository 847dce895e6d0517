"""The pictures of machines and weeks in the docs."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def machines() -> ModuleType:
    """Return the script that draws them."""
    file = importlib.util.spec_from_file_location("machines", DOCS / "machines.py")
    assert file is not None
    assert file.loader is not None
    module = importlib.util.module_from_spec(file)
    file.loader.exec_module(module)
    return module


PRESETS = machines().PRESETS


def test_pictures_are_those_that_the_program_draws() -> None:
    """All of them, and no others; `make pictures` draws them."""
    drawn = dict(machines().pictures())
    folder = DOCS / "pictures"
    kept = {each.name for pattern in ("machine_*", "week_*") for each in folder.glob(pattern)}
    assert kept == drawn.keys()
    differing = [
        name for name, svg in drawn.items() if (folder / name).read_text(encoding="utf-8") != svg
    ]
    assert differing == []


@pytest.mark.parametrize("name", PRESETS)
def test_page_of_a_preset_shows_its_machine(name: str) -> None:
    """And its week, where it has a schedule that the page speaks of."""
    page = (DOCS / "presets" / f"{name}.md").read_text(encoding="utf-8")
    assert f"](../pictures/machine_{name}.svg)" in page
    if f"--schedule {name}" in page:
        assert f"](../pictures/week_{name}.svg)" in page


def test_readme_shows_a_machine_and_a_week() -> None:
    """Of the presets that it speaks of."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](docs/pictures/machine_shop.svg)" in text
    assert "](docs/pictures/week_payments.svg)" in text
