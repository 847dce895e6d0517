"""What text is shown on."""

from datagen.inspection.display import ASCII_BLOCKS, BLOCKS, Display


def test_colours_are_there_where_they_are_wanted() -> None:
    """And end where they should; of nothing there are none."""
    assert Display(color=True).styled("a", "title") == "\033[1;36ma\033[0m"
    assert Display(color=True).styled("", "title") == ""
    assert Display().styled("a", "title") == "a"


def test_blocks_are_plain_where_the_encoding_has_none() -> None:
    """Also where nobody knows the encoding."""
    assert Display().blocks == BLOCKS
    for encoding in ("ascii", "latin-1", "no-such"):
        assert Display(encoding=encoding).blocks == ASCII_BLOCKS
    assert len(BLOCKS) == len(ASCII_BLOCKS)
    assert ASCII_BLOCKS.isascii()


def test_what_the_encoding_does_not_have_is_escaped() -> None:
    """Nothing is lost, and nothing fails."""
    assert Display(encoding="ascii").encoded("ö") == b"\\xf6"
    assert Display().encoded("ö") == "ö".encode()
