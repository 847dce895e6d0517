"""Texts of rates, sizes and numbers of workers."""

import pytest

from datagen.rate_wish import RateWish, records_per_second, size_in_bytes


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("5000/s", 5000.0, "records"),
        ("864000/D", 10.0, "records"),
        (" 1.5 / h ", 1.5 / 3600, "records"),
        ("40GB/D", 40e9 / 86_400, "bytes"),
        ("1.5 kb/s", 1500.0, "bytes"),
        ("10B/M", 10 / 60, "bytes"),
        ("200 workers", 200.0, "workers"),
        ("1 worker", 1.0, "workers"),
        ("x12.3456", 12.3456, "factor"),
    ],
)
def test_wishes(text: str, amount: float, unit: str) -> None:
    """Each has its amount a second, and its unit."""
    found = RateWish.parsed(text)
    assert found.amount == pytest.approx(amount, rel=1e-12)
    assert found.unit == unit


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5000", "a number needs a unit: 5000/s or 5000/D (records), or 5000 workers"),
        ("40GB", "a size needs a time: 40GB/s or 40GB/D"),
        ("fast", "expected a rate such as 5000/s"),
        ("5000/y", "expected a rate such as 5000/s"),
        ("-5/s", "expected a rate such as 5000/s"),
        ("200workers", "expected a rate such as 5000/s"),
        ("", "expected a rate such as 5000/s"),
        ("0/s", "expected a rate"),
        ("0 workers", "expected a rate from 1e-9 to 1e18 a second"),
        ("9" * 200, "expected a rate such as 5000/s"),
    ],
)
def test_other_texts(text: str, why: str) -> None:
    """A sentence says what is missing."""
    with pytest.raises(ValueError) as raised:
        RateWish.parsed(text)
    assert str(raised.value).startswith(why)


def test_records_per_second() -> None:
    """Of any unit of time; a bare number has none."""
    assert records_per_second("120/M") == pytest.approx(2.0)
    with pytest.raises(ValueError, match="a number needs a unit: 20000/s"):
        records_per_second("20000")
    with pytest.raises(ValueError, match="expected a rate such as 20000/s"):
        records_per_second("20 records")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("50GB", 50 * 10**9),
        ("1.5m", 1_500_000),
        ("20000", 20_000),
        ("0", 0),
        ("1 kB", 1000),
        ("2T", 2 * 10**12),
        ("2000P", None),
        ("GB", None),
        ("-1", None),
        ("5GiB", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    """In powers of a thousand."""
    assert size_in_bytes(text) == size
