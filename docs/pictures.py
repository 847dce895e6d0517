"""Draws every distribution into `docs/pictures/`, from its own quantile function.

What is drawn is the example that `docs/distributions.md` gives for the type, so that the two agree.
The same versions of Python, numpy and matplotlib draw the same bytes.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # run as a script, this file sees only its own folder

from datagen.arrays import Floats  # noqa: E402
from datagen.distributions.base import DISTRIBUTIONS, Distribution  # noqa: E402
from datagen.distributions.parsing import parse_timer  # noqa: E402

PAGE = HERE / "distributions.md"
PICTURES = HERE / "pictures"
_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STYLE: Any = {
    "svg.hashsalt": "datagen",
    "svg.fonttype": "none",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}
_FILL, _LINE, _MEAN = "#a6cee3", "#1f78b4", "#d95f02"


def examples() -> dict[str, Distribution]:
    """Return the first example on the page of each registered type, by its name."""
    found: dict[str, Distribution] = {}
    for text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        data = json.loads(text)
        kind = data.get("type")
        if kind in DISTRIBUTIONS and kind not in found:
            found[kind] = parse_timer(data)
    return found


def probabilities(distribution: Distribution) -> tuple[Floats, Floats]:
    """Return the values of a discrete distribution and their probabilities, rare ones left out.

    Two arrays, float64[k].
    """
    samples = distribution.quantile((np.arange(100_000) + 0.5) / 100_000)
    values, counts = np.unique(samples, return_counts=True)
    shares = counts / len(samples)
    return values[shares > 0.001], shares[shares > 0.001]


def density(distribution: Distribution) -> tuple[Floats, Floats]:
    """Return points of a density: the slope of the inverted quantile function, tails cut.

    Values and their densities: two arrays, float64[k].
    """
    u = (np.arange(100_000) + 0.5) / 100_000
    samples = distribution.quantile(u)
    low, high = np.quantile(samples, [0.0, 0.985])
    if np.isinf(distribution.bounds()[0]):
        low, high = np.quantile(samples, [0.002, 0.998])
    if np.isfinite(distribution.bounds()[1]):
        high = samples[-1]
    edges = np.linspace(low - 0.05 * (high - low), high + 0.05 * (high - low), 161)
    slopes = np.diff(np.interp(edges, samples, u, left=0.0, right=1.0)) / np.diff(edges)
    if np.isinf(distribution.bounds()[1]):
        edges, slopes = edges[edges <= high], slopes[: len(edges[edges <= high]) - 1]
    return (edges[:-1] + edges[1:]) / 2, slopes


def draw(distribution: Distribution) -> Figure:
    """Return a figure of a density as an area or probabilities as bars; the mean is dashed."""
    figure = Figure(figsize=(3.2, 1.5), layout="constrained")
    axes: Axes = figure.add_subplot()
    if distribution.curve is not None:
        return draw_week(figure, axes, distribution.curve.minute_heights[::30])
    if distribution.discrete:
        values, heights = probabilities(distribution)
        gap = float(np.diff(values).min()) if len(values) > 1 else 1.0
        axes.bar(values, heights, width=0.6 * gap, color=_FILL, edgecolor=_LINE)
        if len(values) == 1:
            axes.set_xlim(values[0] - 5, values[0] + 5)
    else:
        points, heights = density(distribution)
        axes.fill_between(points, heights, color=_FILL)
        axes.plot(points, heights, color=_LINE, linewidth=1)
    if np.isfinite(distribution.mean()):
        axes.axvline(distribution.mean(), color=_MEAN, linestyle="--", linewidth=1)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    return figure


def draw_week(figure: Figure, axes: Axes, heights: Floats) -> Figure:
    """Draw the curve that a distribution follows, over a week: float64[n] heights."""
    days = np.arange(len(heights)) / len(heights) * 7
    axes.fill_between(days, heights, color=_FILL)
    axes.plot(days, heights, color=_LINE, linewidth=1)
    axes.axhline(float(heights.mean()), color=_MEAN, linestyle="--", linewidth=1)
    axes.set_xticks(np.arange(7) + 0.5, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    axes.set_xlim(0, 7)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    return figure


def main() -> None:
    """Draw one picture for each registered distribution."""
    distributions = examples()
    PICTURES.mkdir(exist_ok=True)
    with mpl.rc_context(_STYLE):
        for kind in DISTRIBUTIONS:
            path = PICTURES / f"{kind}.svg"
            draw(distributions[kind]).savefig(path, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
