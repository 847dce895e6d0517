"""The presets and what their pages say of them."""

import json
import re
from pathlib import Path
from typing import Any

from tests.guarantees.golden import (
    SPECS,
)

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "presets"


def page(preset: str) -> str:
    """Return the text of a preset's page."""
    return (PAGES / f"{preset}.md").read_text(encoding="utf-8")


def documented(preset: str) -> dict[str, list[str]]:
    """Return the fields that a page's table names, in order, each with the types it may have."""
    table = page(preset).split("## Fields\n", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", table, re.MULTILINE)
    return {name: re.split(r", | or ", types.strip()) for name, types in rows}


def spec_of(preset: str) -> dict[str, Any]:
    """Return a preset's specification."""
    spec: dict[str, Any] = json.loads((SPECS / f"{preset}.json").read_text(encoding="utf-8"))
    return spec
