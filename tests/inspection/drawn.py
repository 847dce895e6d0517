"""What tests of pictures draw: the presets, hostile names, and many states."""

from pathlib import Path
from typing import Any

from datagen.inspection.diagram import Diagram, diagram_of
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import plan
from tests.support.machines import Spec, exponential

PRESETS = sorted(each.stem for each in (Path(__file__).parents[2] / "conf" / "gen").glob("*.json"))
HOSTILE = [
    "end", "state", "[*]", "note right of s1", "direction LR", "classDef x fill:#fff", "<<choice>>",
    "</svg><script>alert(1)</script>", "</td></table><img src=http://x onerror=alert(1)>", "]]>", "<!--", "&lt;b&gt;",
    "\"quoted\" 'twice'", "a\\", "\\N \\G", "%%{init: {}}%%", "a:b;c#35;", "--> s1 : x", "_a_ *b* `c` ~d~", "$$x^2$$",
    "line\nbreak", "\x1b[31mred", "unic\N{LATIN SMALL LETTER O WITH DIAERESIS}de \N{CHECK MARK}", "x" * 200, " ", "javascript:alert(1)",
]  # fmt: skip


def preset(name: str, **keys: Any) -> Plan:
    """Return the plan of a preset."""
    return load(Request(config=name, start="2027-03-12", **keys), 1)[0]


def plan_of(spec: Spec, **keys: Any) -> Plan:
    """Return the plan of a specification."""
    return plan(spec=parse_spec(spec, "test.json")[0], **keys)


def machine(names: list[str], leads: int = 2, emitter: str = "e") -> Spec:
    """Return a machine whose states lead to the next one, to so many others, and to the end."""
    states = []
    for number, name in enumerate(names):
        others = [names[(number * (7 + each) + 3 + each) % len(names)] for each in range(leads)]
        ways = [*dict.fromkeys((names[(number + 1) % len(names)], *others, "stop"))]
        states.append({
            "name": name,
            "emitter": emitter,
            "delay": exponential(1),
            "transitions": [{"next": each, "probability": 1 / len(ways)} for each in ways],
        })  # fmt: skip
    dimensions = [{"type": "counter", "name": name} for name in dict.fromkeys(names)]
    emitters = [{"name": emitter, "dimensions": dimensions[:40]}]
    return {"states": states, "emitters": emitters, "interarrival": exponential(1)}


def hostile() -> Plan:
    """Return a plan whose names mean something wherever they are not escaped."""
    return plan_of(machine(HOSTILE, emitter="</text><script>e"))


def drawn(spec: Spec) -> Diagram:
    """Return the picture of a specification."""
    return diagram_of(plan_of(spec))
