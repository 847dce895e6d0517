"""The page of `--explain PATH.html`."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from datagen.inspection.explained_page import explained_page
from datagen.inspection.explaining import explained
from datagen.running.plan import Plan
from tests.inspection.drawn import HOSTILE, PRESETS, hostile, machine, plan_of, preset
from tests.running.test_plan import NOW
from tests.support.helpers import invoke
from tests.support.quickness import at_most

VOID = {"meta", "br", "path", "rect", "circle"}
LARGEST = 200_000


class Reader(HTMLParser):
    """Checks that each tag is closed where it should be, and takes note of tags, attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Reader:
    """Return what is in a page that is well-formed, small, and loads nothing."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert len(page.encode()) < LARGEST
    assert not {"script", "img", "link", "iframe", "object", "image", "use", "a"} & {*reader.tags}
    names = {name for name, _ in reader.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not {"href", "src", "srcset", "xlink:href"} & names
    assert "@import" not in page
    assert "url(" not in page
    return reader


def page_of(plan: Plan) -> str:
    """Return the page of a plan."""
    start = plan.start_at(NOW)
    return explained_page(plan, start, explained(plan, start))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_a_page(name: str) -> None:
    """In less than a second beyond the figures; with the machine, states, densities and records."""
    plan = preset(name)
    start = plan.start_at(NOW)
    figures = explained(plan, start)
    with at_most(1):
        page = explained_page(plan, start, figures)
    reader = read(page)
    for title in ("Figures", "The machine", "States", "Emitters", "Delays and fields", "Records"):
        assert title in reader.texts
    assert 10 <= reader.tags.count("code") <= 20
    states = {each.name for each in figures.states}
    assert states <= {*reader.texts}


def test_hostile_names_are_texts() -> None:
    """Whatever they would be in HTML."""
    reader = read(page_of(hostile()))
    assert {each for each in HOSTILE if len(each) < 60 and each.isprintable()} <= {*reader.texts}


def test_many_states_stay_small_and_quick() -> None:
    """A hundred states, and long records."""
    plan = plan_of(machine([f"state {each}" for each in range(100)], leads=4))
    start = plan.start_at(NOW)
    figures = explained(plan, start)
    with at_most(1):
        page = explained_page(plan, start, figures)
    read(page)


@pytest.mark.parametrize(
    ("name", "title", "most"),
    [("payments", "Arrivals over the week", "Friday"), ("payments", "Records over the week", "Friday"), ("clickstream", "Limit of workers over the week", "Sunday")],
)  # fmt: skip
def test_week_is_drawn_where_a_schedule_applies(name: str, title: str, most: str) -> None:
    """With a table of its days; and not where none does."""
    page = page_of(preset(name, schedule=name))
    assert title in read(page).texts
    rows = re.findall(r"<tr><td>(\w+day)</td>.*?<td[^>]*>([\d.]+)</td></tr>", page)
    assert max(rows, key=lambda row: float(row[1]))[0] == most
    assert "over the week" not in page_of(preset(name))


def test_same_page_for_the_same_seed_and_start() -> None:
    """Nothing in it hangs on the time it is made at."""
    assert page_of(preset("payments")) == page_of(preset("payments"))


def test_command_line_writes_the_page_and_nothing_else(tmp_path: Path) -> None:
    """The flags that repeat it are said."""
    path = tmp_path / "page.html"
    outcome = invoke("-c", "example", "-s", "2027-03-12", "--seed", "1", "--explain", str(path))
    assert (outcome.status, outcome.out) == (0, b"")
    assert outcome.err == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"
    assert "The machine" in read(path.read_text(encoding="utf-8")).texts


def test_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """In one line."""
    outcome = invoke("-c", "example", "--explain", str(tmp_path / "no" / "page.html"), "-q")
    assert outcome.status == 1
    assert outcome.err.endswith("page.html: No such file or directory\n")
