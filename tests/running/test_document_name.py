"""Where the parts of a document come from."""

from datagen.errors import Problem
from datagen.running.document_name import DocumentName, located, origin

B = DocumentName("b.json", b"{}")
A = DocumentName("a.json").with_origins({("states", 1): (B, ("states", 0)), ("x",): (B, ("x",))})
NAME = DocumentName("spec.json").with_origins(
    {("states", 1): (A, ("states", 0)), ("states", 2): (A, ("states", 1))}
)


def test_name_is_a_text() -> None:
    """Wherever one is expected."""
    assert (B, f"{B}: x", hash(B)) == ("b.json", "b.json: x", hash("b.json"))
    assert type(str(B)) is str


def test_parts_come_from_others_through_several() -> None:
    """The rest of a path stays as it is."""
    assert origin(NAME, ("states", 0, "name")) == ("spec.json", ("states", 0, "name"))
    assert origin(NAME, ("states", 1, "name")) == ("a.json", ("states", 0, "name"))
    assert origin(NAME, ("states", 2, "name")) == ("b.json", ("states", 0, "name"))
    assert origin(A, ("x", "y", 3)) == ("b.json", ("x", "y", 3))
    assert origin("plain", ("x",)) == ("plain", ("x",))


def test_others_are_named_once() -> None:
    """Also those that come in through another."""
    assert NAME.others == ("a.json", "b.json")
    assert B.others == ()


def test_problems_go_where_their_parts_come_from() -> None:
    """What is none of a part stays with the document."""
    found = located([Problem(("states", 2), "wrong", NAME), Problem((), "wrong", NAME, minor=True)])
    assert found == [
        Problem(("states", 0), "wrong", "b.json"),
        Problem((), "wrong", "spec.json", minor=True),
    ]
