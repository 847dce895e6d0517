"""The bytes do not depend on the processor: nothing that computes them is chosen by its features.

numpy, the C library and Arrow take other code where features of the processor are switched off, which
their own variables do. On a machine that has none to switch off, a setting is skipped.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks import structure
from datagen.distributions.base import DISTRIBUTIONS
from tests.support.digests import PARAMETERS

ROOT = Path(__file__).parents[2]
NO_FMA = "glibc.cpu.hwcaps=" + ",".join(
    f"-{name}{usable}"
    for name in ("AVX512F", "AVX512VL", "AVX2", "AVX", "FMA", "FMA4")
    for usable in ("", "_Usable")
)
PINNED = {  # what every machine has computed since they are written here
    "exponential 0": "dff807d93e64c885",
    "normal 0": "d508540b54c3aef8",
    "lognormal 0": "8113ad4881c739e8",
    "weibull 0": "379fbac3f2eafb97",
    "pareto 0": "4095bffe183eacae",
    "gamma 0": "19f37840d77705f5",
    "gamma 3": "bf94d54c3ac8aa9b",
    "gamma 5": "818243cc935033b0",
    "beta 0": "023790032214d17a",
    "beta 2": "4d02ee73074cf174",
    "poisson 1": "3e7576fb934758fa",
    "zipf 1": "27b20dae62c57542",
    "gmm_temporal 0": "c8b1e94386c3692c",
    "curve 1": "5e40b5f4492c663f",
    "exp": "fc7048f10af34f00",
    "log": "bf73368ce50da524",
    "log10": "51ea3683be1c5dc3",
    "powers": "e5988ade2aa9c31a",
    "sin": "73897141b93451f2",
    "cos": "858a6b9a7909a502",
    "arctan": "0a6b3a87928ffcc9",
    "normal shares": "772450dd8e02cb14",
    "gamma shares": "2e217613159b9d7e",
    "beta quantiles": "d70ec427a199f930",
}
Report = dict[str, Any]


@cache
def report(**variables: str) -> Report:
    """Return what a process with these variables reports."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.digests"],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: Report = json.loads(done.stdout)
    return found


def test_all_distributions_are_compared() -> None:
    """A new one needs parameters in `tests/support/digests.py`."""
    assert set(PARAMETERS) == set(DISTRIBUTIONS)


@pytest.mark.long
def test_samples_are_those_of_other_machines() -> None:
    """To the last bit; they change on purpose only, and the changelog then says so."""
    found = report()["bytes"]
    assert {name: found[name] for name in PINNED} == PINNED


@pytest.mark.long
@pytest.mark.parametrize("family", ["AVX512", ""])
def test_bytes_do_not_depend_on_what_numpy_dispatches(family: str) -> None:
    """Without AVX-512, as on most laptops; without anything beyond what numpy was built for."""
    plain = report()
    off = [
        name
        for name in plain["dispatched"]
        if name.startswith((family, "X86_V4") if family else "")
    ]
    if not off:
        pytest.skip(f"this processor or this numpy has no {family or 'feature to switch off'}")
    reduced = report(NPY_DISABLE_CPU_FEATURES=" ".join(off))
    assert not set(off) & set(reduced["features"])
    assert reduced["numpy"] != plain["numpy"]  # its own functions have other last digits
    assert reduced["bytes"] == plain["bytes"]


@pytest.mark.long
def test_bytes_do_not_depend_on_what_the_c_library_chooses() -> None:
    """Without the versions of exp, log and pow that use FMA."""
    plain, reduced = report(), report(GLIBC_TUNABLES=NO_FMA)
    if reduced["libm"] == plain["libm"]:
        pytest.skip("this C library has no other exp, log and pow to choose, or none that differs")
    assert reduced["bytes"] == plain["bytes"]


def test_bytes_do_not_depend_on_any_of_it() -> None:
    """All at once, and Arrow's kernels without vectors."""
    plain = report()
    off = " ".join(plain["dispatched"])
    reduced = report(
        GLIBC_TUNABLES=NO_FMA, NPY_DISABLE_CPU_FEATURES=off, ARROW_USER_SIMD_LEVEL="NONE"
    )
    if plain["arrow"] == "none" and not off and reduced["libm"] == plain["libm"]:
        pytest.skip("this machine has nothing to switch off")
    assert reduced["arrow"] == "none"
    assert not set(plain["dispatched"]) & set(reduced["features"])
    assert reduced["bytes"] == plain["bytes"]


# No module of the program names a function whose last digit depends on the machine.

EXACT = {  # of `math`: what IEEE 754 defines to the last bit, or whole numbers
    "ceil", "copysign", "floor", "fmod", "fsum", "inf", "isfinite", "isinf", "isnan", "nan", "pi", "sqrt", "trunc",
}  # fmt: skip
_NUMPY = """
    arccos arccosh arcsin arcsinh arctan arctan2 arctanh average cbrt convolve corrcoef correlate cos cosh
    cov dot einsum exp exp2 expm1 fft float_power geomspace gradient hypot i0 inner interp kron linalg log
    log10 log1p log2 logaddexp logaddexp2 logspace matmul matvec mean nanmean nanprod nanstd nansum nanvar
    polyfit pow power prod random sin sinc sinh std sum tan tanh tensordot trapezoid vander var vdot vecdot
"""
_ARROW = """
    acos acosh asin asinh atan atan2 atanh cos cosh exp expm1 kurtosis ln log10 log1p log2 logb mean power
    product quantile sin sinh skew stddev sum tan tanh tdigest variance
"""
OF_NUMPY, OF_ARROW = _NUMPY.split(), _ARROW.split()
ELSEWHERE = ("scipy", "cmath", "random", "statistics")
SHOWN = "inspection."  # what looks at models and runs makes figures for people, and no record
METHODS = {"sum", "mean", "std", "var", "prod", "dot", "trace"}  # of arrays
ALLOWED = {  # places that name them, each with its reason
    ("distributions.unbounded", "math.exp"): "a mean, told to a few digits",
    ("distributions.unbounded", "math.expm1"): "a mean, told to a few digits",
    ("distributions.unbounded", "**"): "a mean, told to a few digits",
    ("distributions.shaped", "math.lgamma"): "a mean, told to a few digits",
    ("distributions.shaped", "math.expm1"): "a mean, told to a few digits",
    ("distributions.shaped", "math.log"): "a mean, told to a few digits",
    ("distributions.discrete", ".mean"): "the mean of a distribution",
    ("distributions.open_hours", ".mean"): "the mean of a distribution",
    ("running.description", ".mean"): "told to three digits",
    ("distributions.temporal", ".mean"): "the mean of a distribution",
    ("spec.generator", ".mean"): "the mean of a distribution",
    ("fields.text", "**"): "whole numbers",
    ("sources.time_forms", "**"): "whole numbers and decimals",
    ("fields.regular", "**"): "how many texts there may be, whole numbers where it counts",
    ("fields.regular", "math.prod"): "how many texts there may be, whole numbers where it counts",
    ("fields.pattern", ".sum"): "booleans",
    ("fields.identifiers", ".sum"): "whole numbers: exact in any order",
    ("fields.text", ".mean"): "whole numbers: exact in any order",
    ("fields.text", ".sum"): "whole numbers: exact in any order",
    ("fields.nested", ".mean"): "whole numbers: exact in any order",
    ("simulation.delays", ".sum"): "booleans",
    (
        "simulation.interarrivals",
        "add.reduce",
    ): "whole numbers; and doubles that only tell whether they overflow",
    ("running.delivery", ".sum"): "whole numbers: exact in any order",
    ("truth.ledger", "bitwise_or.reduce"): "bits",
    ("truth.ledger", ".sum"): "whole numbers: exact in any order",
    ("simulation.moments", ".sum"): "a figure, told to three digits",
    ("simulation.moments", ".mean"): "a figure, told to three digits",
    ("simulation.moments", "**"): "a figure, told to three digits",
    ("simulation.moments", "np.linalg"): "a figure, told to three digits",
    ("simulation.moments", "pow or @"): "a figure, told to three digits",
    ("simulation.lookahead", "add.reduce"): "whole numbers",
    ("simulation.paths", ".sum"): "whole numbers: exact in any order",
    ("sources.sorting", ".sum"): "booleans",
    ("targets.descriptor", ".sum"): "booleans",
    ("columns.column", ".sum"): "whole numbers: exact in any order",
    ("expressions.nodes", "logical_and.reduce"): "booleans",
    ("expressions.nodes", "logical_or.reduce"): "booleans",
    ("fields.selection", ".sum"): "booleans",
    ("simulation.source", ".sum"): "whole numbers: exact in any order",
    ("distributions.base", ".mean"): "the mean of a distribution",
    ("disorder.effects", ".mean"): "a forecast, told to two digits",
    ("running.rate", "math.isclose"): "whether a sentence says something",
    ("running.cap_warning", "math.log10"): "told to two digits",
    ("running.waiting", ".sum"): "a figure of the summary",
    ("simulation.chain", ".sum"): "a forecast, told to two digits",
    ("simulation.chain", "np.linalg"): "a forecast, told to two digits",
    ("simulation.dry_run", ".mean"): "a forecast, told to two digits",
    ("simulation.dry_run", "np.log1p"): "a forecast, told to two digits",
    ("simulation.dry_run", "**"): "a forecast, told to two digits",
    ("simulation.dry_run", ".sum"): "a forecast, told to two digits",
    ("simulation.forecast", ".mean"): "a forecast, told to two digits",
    ("simulation.forecast", ".sum"): "a forecast, told to two digits",
    ("distributions.scaled", ".mean"): "the mean of a distribution",
    ("simulation.long_run", ".mean"): "a factor, rounded to six digits and kept",
    ("simulation.long_run", "np.interp"): "a factor, rounded to six digits and kept",
    ("simulation.long_run", ".sum"): "a factor, rounded to six digits and kept",
    ("running.rate", ".mean"): "a factor, rounded to six digits and kept",
    ("running.rate", "np.average"): "a factor, rounded to six digits and kept",
    ("running.record_sample", ".sum"): "whole numbers: exact in any order",
    ("simulation.queue", "**"): "a forecast, told to two digits",
    ("simulation.queue", "np.log"): "a forecast, told to two digits",
    ("simulation.queue", "np.exp"): "a forecast, told to two digits",
    ("simulation.queue", ".sum"): "a forecast, told to two digits",
}


def names_of(tree: ast.AST) -> Iterator[str]:
    """Yield what a module names that may depend on the machine."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name("math"), attr=name) if name not in EXACT:
                yield f"math.{name}"
            case ast.Attribute(value=ast.Name("np"), attr=name) if name in OF_NUMPY:
                yield f"np.{name}"
            case ast.Attribute(value=ast.Name("pc"), attr=name) if name in OF_ARROW:
                yield f"pc.{name}"
            case ast.Attribute(value=ast.Attribute(attr=owner), attr="reduce" | "reduceat"):
                yield f"{owner}.reduce"
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                yield f".{name}"
            case ast.Call(func=ast.Name("pow")) | ast.BinOp(op=ast.MatMult()):
                yield "pow or @"
            case ast.BinOp(op=ast.Pow()) if not is_whole(node):
                yield "**"
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.startswith(ELSEWHERE))
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (
                    f"{module}.{each.name}"
                    for each in names
                    if module.startswith(ELSEWHERE)
                    or (module == "math" and each.name not in EXACT)
                    or (module == "numpy" and each.name in OF_NUMPY)
                )


def is_whole(node: ast.BinOp) -> bool:
    """Return whether a power is one of a whole number, or of 2 by a constant: exact everywhere."""
    base = node.left.value if isinstance(node.left, ast.Constant) else None
    exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    return type(base) is int or (base == 2.0 and isinstance(exponent, ast.Constant))


def test_modules_name_no_function_of_the_machine() -> None:
    """But for the places above, that no byte comes from, or whose sums are exact in any order.

    Each of these is still one.
    """
    trees = {module.removeprefix("datagen."): tree for module, tree in structure.parsed().items()}
    found = {
        (short, name)
        for short, tree in trees.items()
        if not short.startswith(SHOWN)
        for name in names_of(tree)
    }
    assert found == ALLOWED.keys()


@pytest.mark.parametrize(
    "line",
    ["np.exp(x)", "np.log1p(x)", "np.add.reduce(x)", "x.sum()", "math.exp(1)", "from math import exp", "x @ y",
     "import scipy.special", "from scipy import stats", "x ** 2", "10.0 ** n", "2.0 ** n", "pc.ln(x)", "pow(x, 2)",
     "from numpy import exp", "import random", "from random import gauss"],
)  # fmt: skip
def test_the_check_finds_them(line: str) -> None:
    """A check that finds nothing would pass too."""
    assert list(names_of(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["np.sqrt(x)", "np.cumsum(x)", "10 ** n", "2.0 ** -52", "2 ** 63", "math.floor(x)", "x * x"]
)  # fmt: skip
def test_the_check_lets_exact_ones_pass(line: str) -> None:
    """Square roots are as exact as sums."""
    assert list(names_of(ast.parse(line))) == []
