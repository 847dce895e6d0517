"""A part knows its share of what is numbered."""

import pytest

from datagen.part import WHOLE, Part


@pytest.mark.parametrize("number", [0, 1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_add_up(number: int, count: int) -> None:
    """Each number is in one part."""
    shares = [Part(index, count).share(number) for index in range(count)]
    assert shares == [len(range(index, number, count)) for index in range(count)]
    assert sum(shares) == number


def test_only_one_of_one_is_the_whole() -> None:
    assert WHOLE.is_whole
    assert not Part(0, 2).is_whole
    assert str(Part(2, 7)) == "2/7"


@pytest.mark.parametrize("text", ["0/1", "2/7", "99999/100000"])
def test_text_comes_back(text: str) -> None:
    assert str(Part.parsed(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1/",
        "/2",
        "2/2",
        "0/0",
        "-1/2",
        " 1/2",
        "1/2 ",
        "1/2\n",
        "0/100001",
        "\u0663/\u0664",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    """With what is expected."""
    with pytest.raises(ValueError, match="expected I/K, part I of K, with 0 <= I < K <= 100,000"):
        Part.parsed(text)


@pytest.mark.parametrize(
    ("part", "label"),
    [(WHOLE, "0"), (Part(3, 10), "3"), (Part(3, 11), "03"), (Part(63, 1000), "063")],
)
def test_names_of_parts_sort(part: Part, label: str) -> None:
    """As many digits as the last part has."""
    assert part.in_name("x-{part}/{part}.csv") == f"x-{label}/{label}.csv"
    assert Part.is_in_name("{part}")
    assert not Part.is_in_name("part")
