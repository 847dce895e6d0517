"""The parts of pictures."""

import re
from xml.etree import ElementTree as ET

import pytest

from datagen.inspection.svg import clean, folded, number, picture, style, text, width_of


def test_texts_are_escaped() -> None:
    """Of an attribute the quotes, too; what does not print is replaced."""
    assert clean('a<b>&"c"\x1b') == 'a&lt;b&gt;&amp;"c"\N{REPLACEMENT CHARACTER}'
    assert clean('"', quote=True) == "&quot;"
    assert text(1, 2.25, "<", "name", "end") == (
        '<text x="1" y="2.2" class="name" text-anchor="end">&lt;</text>'
    )


def test_picture_alone_is_xml_with_a_style() -> None:
    """On a page it has that of the page."""
    root = ET.fromstring(picture((10, 20), 'a "b"', "<g/>", alone=True))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["aria-label"] == 'a "b"'
    assert "<style>" not in picture((10, 20), "a", "")


@pytest.mark.parametrize(
    ("words", "lines"),
    [("", [""]), ("a b", ["a b"]), ("one two three", ["one two", "three"]), ("x" * 30, ["x" * 10, "xxxxxxx..."])],
)  # fmt: skip
def test_folded(words: str, lines: list[str]) -> None:
    """At blanks, if there are some; what is too long is cut."""
    assert folded(words, 10, 2) == lines


def test_numbers_are_short() -> None:
    """No digits that nobody sees."""
    assert [number(each) for each in (1.0, 2.26, -0.5)] == ["1", "2.3", "-0.5"]


def test_wide_characters_are_wide() -> None:
    """As those of East Asia are."""
    assert width_of("\u72b6") > width_of("w")


def _luminance(color: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb, as WCAG 2.2 defines it."""
    digits = color if len(color) == 6 else "".join(2 * each for each in color)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_contrast_is_enough(mode: str) -> None:
    """4.5 for texts on their grounds and 3 for lines (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colors = re.findall(r"\.drawn\{(--[^}]*)\}", style())[mode == "dark"]
    of = {name: _luminance(value) for name, value in re.findall(r"--(\w+):#(\w+)", colors)}

    def contrast(one: str, other: str) -> float:
        low, high = sorted((of[one], of[other]))
        return (high + 0.05) / (low + 0.05)

    for ground in ("ground", "box"):
        assert min(contrast(each, ground) for each in ("ink", "faint", "end")) >= 4.5
    assert contrast("edge", "ground") >= 3
