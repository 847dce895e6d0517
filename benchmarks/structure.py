"""Measures how the code is laid out: files, imports, sizes, and what a newcomer touches.

`python -m benchmarks.structure [FOLDER]` prints a table; the architecture tests use the same graph.

An import counts wherever it stands, inside functions too, unless it is for types only; so does the name
of a module as a text, by which it is imported later. A name that a package re-exports counts as an import of the file that defines it.
"""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
Graph = Mapping[str, frozenset[str]]
FAMILIES = ("distributions", "fields", "formats", "targets")
_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.comprehension, ast.match_case)  # fmt: skip


def files(root: Path = ROOT) -> dict[str, Path]:
    """Return the file of each module of the program, by its dotted name."""
    return {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for file in [root / "generator.py", *sorted((root / "datagen").rglob("*.py"))]
    }


def parsed(root: Path = ROOT) -> dict[str, ast.Module]:
    """Return the syntax tree of each module of the program, by its dotted name."""
    return {
        module: ast.parse(file.read_text(encoding="utf-8")) for module, file in files(root).items()
    }


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for what is imported anywhere in a tree; the name may be empty."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((name, "") for name in [node.value] if name.startswith("datagen."))
        ahead += ast.iter_child_nodes(node)


def import_graph(trees: Mapping[str, ast.Module], *, through_reexports: bool = True) -> Graph:
    """Return for each module the modules that it imports.

    With `through_reexports`, a name that another module only re-exports leads to the one that defines it.
    """
    reexports = {
        (module, alias.asname or alias.name): (node.module or "", alias.name)
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def target(module: str, name: str) -> str:
        while f"{module}.{name}" not in trees and through_reexports and (module, name) in reexports:
            module, name = reexports[module, name]
        return f"{module}.{name}" if f"{module}.{name}" in trees else module

    return {
        module: frozenset({target(*each) for each in imports(tree)} & set(trees) - {module})
        for module, tree in trees.items()
    }


def circles(graph: Graph) -> list[list[str]]:
    """Return the modules that import each other, directly or through others."""
    seen = {module: reached(graph, module) for module in graph}
    found = {
        frozenset(other for other in seen[module] if module in seen[other])
        for module in graph
        if module in seen[module]
    }
    return [sorted(circle) for circle in found]


def longest_chain(graph: Graph) -> list[str]:
    """Return the longest chain of imports, from the module that imports to the last imported one.

    Raises RecursionError for a graph with a circle.
    """

    @cache
    def chain(module: str) -> tuple[str, ...]:
        rest: tuple[str, ...] = ()
        for each in graph[module]:
            found = chain(each)
            rest = found if len(found) > len(rest) else rest
        return (module, *rest)

    chains = [chain(module) for module in graph]
    longest = max(chains, key=len)
    return list(longest)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield all functions and methods, inner ones too."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def length(node: ast.FunctionDef) -> int:
    """Return how many lines a function has, without its decorators."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def branches(node: ast.AST) -> int:
    """Return how many ways a function may go on, inner functions left out.

    Each if, loop, handler, case, condition of a comprehension, and each further operand of and / or.
    """
    count = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda):
            continue
        count += isinstance(child, _BRANCHES)
        count += len(child.values) - 1 if isinstance(child, ast.BoolOp) else 0
        count += branches(child)
    return count


def reached(graph: Graph, start: str) -> set[str]:
    """Return all modules that one imports, directly or through others."""
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        module = ahead.pop()
        if module not in found:
            found.add(module)
            ahead += graph[module]
    return found


def figures(root: Path) -> Iterator[tuple[str, str]]:
    """Yield what is measured and how much it is."""
    trees = parsed(root)
    graph, direct = import_graph(trees), import_graph(trees, through_reexports=False)
    found = circles(direct)
    yield "files at the top level of datagen/", str(len(list((root / "datagen").glob("*.py"))))
    yield "files in all", str(len(trees))
    yield "circles of imports", "; ".join(" <-> ".join(circle) for circle in found) or "none"
    for name, each in (("", graph), (", with what packages import", direct)):
        chain = longest_chain(_without_circles(each))
        yield f"longest chain of imports{name}", f"{len(chain)}: {' > '.join(chain)}"
    lines = [len(text(root, module).splitlines()) for module in trees]
    yield "lines of a module, median / max", f"{median(lines):.0f} / {max(lines)}"
    all_functions = [node for tree in trees.values() for node in functions(tree)]
    sizes, ways = [length(node) for node in all_functions], [branches(n) for n in all_functions]
    for family in FAMILIES:
        yield f"files written / read to add to {family}", newcomer(trees, graph, family)
    yield "lines of a function, median / p90 / max", _spread(sizes, 90)
    yield "branches of a function, p99 / max", f"{quantiles(ways, n=100)[98]:.0f} / {max(ways)}"


def members(trees: Mapping[str, ast.Module], family: str) -> dict[str, int]:
    """Return the modules that register members of a family, and how many each does."""
    prefix = f"datagen.{family}"
    found = {
        module: sum(
            ast.unparse(each).rpartition(".")[2] == "register"
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            for each in node.decorator_list
        )
        for module, tree in trees.items()
        if module == prefix or module.startswith(f"{prefix}.")
    }
    return {module: count for module, count in found.items() if count}


def newcomer(trees: Mapping[str, ast.Module], graph: Graph, family: str) -> str:
    """Return how many files somebody writes and reads to add a member like those that are there.

    Written are its file and, where members have a file each, the one that lists them; read are the
    files that it imports.
    """
    found = members(trees, family)
    written = [1 if count > 1 else 2 for count in found.values()]
    read = [len(graph[module]) for module in found]
    return f"{median(written):.0f} / {median(read):.0f} (at least {min(read)})"


def _spread(values: Sequence[int], percent: int) -> str:
    cut = quantiles(values, n=100)[percent - 1]
    return f"{median(values):.0f} / {cut:.0f} / {max(values)}"


def text(root: Path, module: str) -> str:
    """Return the source of a module."""
    path = root / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


def _without_circles(graph: Graph) -> Graph:
    """Leave out the imports within a circle, so that chains have an end."""
    circle = {module: set(each) for each in circles(graph) for module in each}
    return {module: others - circle.get(module, set()) for module, others in graph.items()}


def main() -> None:
    """Print the table of a folder, or of this checkout."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    for name, value in figures(root):
        print(f"{name:48} {value}")


if __name__ == "__main__":
    main()
