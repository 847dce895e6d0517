"""Texts from elsewhere, made fit for one line of a message."""

from datagen.one_line import counted, first_line, listed, plural, printable, shortened, were


def test_first_line_that_is_not_blank() -> None:
    """Whatever ends lines; nothing of nothing."""
    assert first_line("\n \t\r\n  no such host \nat 7") == "no such host"
    assert first_line("\n\n") == ""


def test_printable_text_has_no_control_characters() -> None:
    """They are escaped before the text is shortened."""
    assert printable("a\x1b[31mé", 60) == "a\\x1b[31m\\xe9"
    assert printable("é", 60) == "é"


def test_shortened_text_ends_with_dots() -> None:
    """They count."""
    assert (shortened("abcdef", 6), shortened("abcdefg", 6)) == ("abcdef", "abc...")


def test_list_of_names_says_that_there_are_more() -> None:
    """Dots stand for the others; of no names it is empty."""
    assert [listed(names, 2) for names in ([], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a, b",
        "a, b, ...",
    ]


def test_nouns_follow_their_number() -> None:
    """One is one, all others are several; thousands are set apart."""
    assert [counted(number, "record") for number in (0, 1, 2000)] == [
        "0 records",
        "1 record",
        "2,000 records",
    ]
    assert [plural("pass", number) for number in (1, 2)] == ["pass", "passes"]
    assert [were(number) for number in (0, 1, 2)] == ["were", "was", "were"]
