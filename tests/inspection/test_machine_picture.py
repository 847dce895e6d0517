"""The machine as SVG."""

from xml.etree import ElementTree as ET

import pytest

from datagen.inspection.diagram import diagram_of
from datagen.inspection.machine_picture import machine_picture
from tests.inspection.drawn import HOSTILE, PRESETS, drawn, hostile, machine, preset

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_drawn_completely(name: str) -> None:
    """A box for each state; an arrow for each pair of states and for each beginning; it is XML."""
    diagram = diagram_of(preset(name))
    root = ET.fromstring(machine_picture(diagram, alone=True))
    assert len(root.findall(f".//{SVG}title")) == len(diagram.states) + len(diagram.beginnings)
    inner = [each for each in diagram.arrows if each.target != -1]
    heads = [each for each in root.iter(f"{SVG}path") if each.get("class") == "head"]
    assert len(heads) == len(inner) + len(diagram.beginnings)


def test_hostile_names_are_texts() -> None:
    """Each is the title of its box, and nothing else."""
    svg = machine_picture(diagram_of(hostile()), alone=True)
    titles = {each.text for each in ET.fromstring(svg).iter(f"{SVG}title")}
    shown = {
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in each)
        for each in HOSTILE
    }
    assert shown <= titles
    assert "<script" not in svg
    assert "<img" not in svg


def test_texts_are_within_the_picture() -> None:
    """Also long ones, and labels of loops."""
    spec = machine(["x" * 200, "y"])
    root = ET.fromstring(machine_picture(drawn(spec), alone=True))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for each in root.iter(f"{SVG}text"):
        assert len(each.text or "") <= 30
        assert 0 <= float(each.attrib["x"]) <= width
        assert 0 <= float(each.attrib["y"]) <= height


def test_what_is_not_drawn_is_counted() -> None:
    """Of many arrows the least likely ones."""
    svg = machine_picture(drawn(machine([f"state {each}" for each in range(100)], leads=8)))
    assert "arrows, the least likely ones, are not drawn" in svg


def test_ends_are_in_the_box_and_loops_beside_it() -> None:
    """With how likely they are."""
    root = ET.fromstring(machine_picture(drawn(machine(["a"], leads=0)), alone=True))
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert texts == [
        "a",
        "emits e",
        "waits 1 s (exponential)",
        "ends 50 %",
        "50 %",
        "workers: one every 1 s",
    ]
