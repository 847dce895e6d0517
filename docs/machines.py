"""Draws the machine of every preset into `docs/pictures/`, and the week of those that have a schedule: as `--explain` does."""

import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # run as a script, this file sees only its own folder

from datagen.inspection.charts import heights_over_week, week_picture  # noqa: E402
from datagen.inspection.diagram import diagram_of  # noqa: E402
from datagen.inspection.machine_picture import machine_picture  # noqa: E402
from datagen.running.loading import load  # noqa: E402
from datagen.running.options import Request  # noqa: E402
from datagen.spec.generator import Generator  # noqa: E402

PRESETS = sorted(each.stem for each in (HERE.parent / "conf" / "gen").glob("*.json"))
SCHEDULES = sorted(
    {each.stem for each in (HERE.parent / "conf" / "sched").glob("*.json")} & {*PRESETS}
)
START = "2027-03-12"


def pictures() -> Iterator[tuple[str, str]]:
    """Yield the names of all pictures, and the SVG of each."""
    for name in PRESETS:
        plan, _ = load(Request(config=name, start=START), 1)
        yield f"machine_{name}.svg", machine_picture(diagram_of(plan), alone=True) + "\n"
    for name in SCHEDULES:
        yield f"week_{name}.svg", week_of(name) + "\n"


def week_of(name: str) -> str:
    """Return what the schedule of a preset makes of a week: of its arrivals, or of the workers that may be alive."""
    plan, _ = load(Request(config=name, schedule=name, start=START), 1)
    spec, curve = plan.spec, plan.schedule
    assert isinstance(spec, Generator)
    assert curve is not None
    assert plan.start is not None
    heights = heights_over_week(curve, plan.start.micros)
    if curve.applies_to == "workers":
        return week_picture(
            (heights * 100).tolist(), "% of -m", "workers that may be alive over a week", alone=True
        )
    rate = heights / heights.mean() / spec.arrivals[0].interarrival.mean_duration()
    return week_picture(
        rate.tolist(), "per s", "workers that come per second over a week", alone=True
    )


def main() -> None:
    """Draw them all."""
    for name, svg in pictures():
        (HERE / "pictures" / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
