"""Which values an expression looks at: names, and members of their objects."""

from collections.abc import Callable, Iterator, Mapping

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.faults import Faults, all_faults
from datagen.language.tree import Call, Constant, NameRef, Node

Look = tuple[str, tuple[str, ...]]  # a name, and the path of a member


def looks_of(node: Node) -> Iterator[tuple[Node, Look]]:
    """Yield the parts that read a name, or a member of it: the outermost ones."""
    path: list[str] = []
    inner = node
    while isinstance(inner, Call) and inner.function.name == "member":
        inner, name = inner.arguments
        assert isinstance(name, Constant)
        path.append(name.value)
    if isinstance(inner, NameRef):
        yield node, (inner.name, tuple(reversed(path)))
        return
    for each in node.parts():
        yield from looks_of(each)


def faults_of(looks: Mapping[Node, Look], column_of: Callable[[str], Column]) -> dict[Node, Faults]:
    """Return the faults of what parts read, of those that have some."""
    found = {}
    for node, (name, path) in looks.items():
        column = column_of(name)
        for each in path:
            column = column.member(each)
        if column.faults:
            found[node] = column.faults
    return found


def faults_where(looked_at: Mapping[Node, Mask], found: Mapping[Node, Faults]) -> Faults:
    """Return the faults of what parts read in the rows where they are looked at; elsewhere they are not evaluated."""
    return all_faults(
        {key: looked_at[node] & each for key, each in faults.items()}
        for node, faults in found.items()
        if node in looked_at
    )
