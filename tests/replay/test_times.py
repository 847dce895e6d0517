"""Times of a source that fall."""

from tests.support.replays import rows_of, spec_of, tried, write


def test_what_is_not_sorted_is_told_with_both_lines() -> None:
    """After the records before it, wherever it stands; quoted line ends count."""
    rows = rows_of(3000).splitlines()
    rows[2500] = "2020-01-01T00:00:05.000+00:00,z"
    rows[10] = rows[10].replace(",", ',"\n').rstrip() + '"'
    write("\n".join(rows))
    outcome = tried(spec_of(loop=False))
    assert outcome.status == 1
    assert len(outcome.out.splitlines()) == 2499
    assert outcome.err.splitlines()[-1] == (
        "x.csv: line 2502: time 2020-01-01T00:00:05.000+00:00 is earlier than that of line 2501; "
        '"sort": true puts records in order'
    )
