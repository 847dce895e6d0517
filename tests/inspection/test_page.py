"""Pages stand by themselves, are well-formed, and show any text as it is."""

from datagen.inspection.page import (
    bars,
    card,
    cards,
    folded,
    heading,
    lines,
    mark,
    number_text,
    page,
    paragraph,
    table,
)
from tests.support.html import problems_of

NASTY = '<script>alert("&")</script>'


def test_page_of_everything() -> None:
    """Texts from a specification cannot change it."""
    drawn = [
        bars([0, 3, 1], NASTY, "b", what=NASTY),
        lines([[1, 2], [2, 1]], "a", NASTY),
        bars([]),
        lines([[]]),
    ]
    text = page(
        NASTY,
        heading(NASTY, NASTY),
        cards(
            card(NASTY, paragraph(NASTY, soft=True), *drawn), card("w", folded(NASTY), wide=True)
        ),
        table([NASTY, "n"], [[mark(NASTY, "good"), "1"]], numbers=(1,)),
    )
    assert problems_of(text) == []
    assert text.count("&lt;script&gt;") == 11
    assert "prefers-color-scheme:dark" in text


def test_judge_sees_what_is_wrong() -> None:
    """Else the test above could not fail."""
    for wrong in (
        "<p><b></p></b>",
        "<p>",
        '<script src="x"></script>',
        '<p onclick="x"></p>',
        '<a a="1" a="2"></a>',
    ):
        assert problems_of(page("t", wrong)) != []


def test_heights_are_shares_of_the_highest() -> None:
    """A bar of half of it is half as high; nothing is drawn of 0."""
    path = bars([2, 1, 0], height=124).split('class="one" d="')[1].split('"')[0]
    assert [part.split("h")[0].split("v")[1] for part in path.split("M")[1:]] == ["-100.0", "-50.0"]
    drawn = lines([[0, 4]], height=124).split('class="first" d="')[1].split('"')[0]
    assert drawn == "M46.0 106.0L600.0 6.0"


def test_numbers_are_short() -> None:
    """Whatever their size."""
    found = [number_text(each) for each in (0, 1234.5, 12_345, 1_234_567, 2.5e9, 0.00012345)]
    assert found == ["0", "1234", "12.3k", "1.23M", "2.5G", "0.0001234"]
