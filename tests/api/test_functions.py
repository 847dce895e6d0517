"""What `import datagen` offers: light until it is used, typed, documented, and nothing that goes to stderr."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datagen
from tests.support.bad_input import BASE, edited
from tests.support.helpers import invoke

ROOT = Path(__file__).parents[2]
SAME: dict[str, Any] = {"seed": 3, "start": "2027-03-12"}
FLAGS = ("--seed", "3", "-s", "2027-03-12", "-q")


def test_importing_it_is_light() -> None:
    """Nothing but the standard library, until something is used."""
    code = (
        "import sys; before = {*sys.modules}; import datagen\n"
        "print(sorted({*sys.modules} - before - {'datagen'})); datagen.Error\n"
        "print('numpy' in sys.modules); datagen.generate; print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    light, after_error, after_function = done.stdout.splitlines()
    assert (light, after_error, after_function) == ("[]", "False", "True")


def test_public_names_are_there() -> None:
    """And no module takes the place of a function, whatever has been imported."""
    assert {*datagen.__all__} <= {*dir(datagen)}
    for name in ("generate", "validate", "entities", "explain", "run"):
        function = getattr(datagen, name)
        assert inspect.isfunction(function)
        assert f"datagen.{name}(" in (inspect.getdoc(function) or "")
        assert "datagen.Error" in (inspect.getdoc(function) or "")
        assert not (ROOT / "datagen" / name).exists()
        assert not (ROOT / "datagen" / f"{name}.py").exists()
        hints = inspect.get_annotations(function)
        assert {*inspect.signature(function).parameters} < {*hints}
    with pytest.raises(AttributeError, match="module 'datagen' has no attribute 'generat'"):
        _ = datagen.generat  # type: ignore[attr-defined]
    assert (ROOT / "datagen" / "py.typed").is_file()


def test_specification_may_be_a_path_a_name_or_a_dict(tmp_path: Path) -> None:
    """All give the same."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(BASE))
    several = [list(datagen.generate(each, records=5, **SAME)) for each in (BASE, path, str(path))]
    assert several[0] == several[1] == several[2]
    assert list(datagen.generate("example", records=5, **SAME)) == list(
        datagen.generate(ROOT / "conf" / "gen" / "example.json", records=5, **SAME)
    )


def test_yaml_and_settings_are_those_of_the_command(tmp_path: Path) -> None:
    """A parameter, and a value by its names; a problem of a file has its place, one of a dict has none."""
    spec = {
        **BASE,
        "params": {"mean": 1},
        "interarrival": {"type": "exponential", "mean": "${mean}"},
    }
    path = tmp_path / "spec.yaml"
    path.write_text(json.dumps(spec))
    settings = {"mean": 5, "states.home.delay.mean": 0.5}
    words = ("--set", "mean=5", "--set", "states.home.delay.mean=0.5", "-n", "50", *FLAGS)
    expected = invoke("-c", str(path), *words).records
    for each in (spec, path):
        found = list(datagen.generate(each, settings=settings, records=50, **SAME))
        assert [record["id"] for record in found if "id" in record] == [
            record["id"] for record in expected if "id" in record
        ]
        assert [f"{record['time']:%T}" for record in found] == [r["time"][11:19] for r in expected]
    with pytest.raises(datagen.Error, match="nothing"):
        datagen.generate(spec, settings={"nothing": 1})


def test_name_that_leads_nowhere_is_named() -> None:
    """With what may be meant."""
    with pytest.raises(datagen.Error) as raised:
        datagen.generate("clickstrem")
    (problem,) = raised.value.problems
    assert (problem.file, problem.path) == ("clickstrem", ())
    assert problem.text.startswith("there is no such file (nor in conf/gen)")
    assert '"clickstream"' in problem.text


@pytest.mark.parametrize(
    ("given", "flags"),
    [({}, ()), ({"records": 7}, ("-n", "7")), ({"duration": "1D"}, ("-r", "1D"))],
)
def test_entities_are_those_of_the_command(given: dict[str, Any], flags: tuple[str, ...]) -> None:
    """They have an end without a limit."""
    expected = invoke("-c", "shop", "--entities", "products", *flags, *FLAGS).records
    events = datagen.entities("shop", "products", **given, **SAME)
    assert [json.dumps(each, default=str) for each in events] == [
        json.dumps(each) for each in expected
    ]
    assert len(events.to_arrow()) == len(expected)
    with pytest.raises(datagen.Error, match='no entities "shoes"'):
        datagen.entities("shop", "shoes", **SAME)


def test_validate_returns_warnings() -> None:
    """None for a specification without a fault."""
    state = {"name": "b", "delay": {"type": "constant", "value": 1}, "transitions": [{"next": "stop", "probability": 1}]}  # fmt: skip
    assert datagen.validate(BASE) == ()
    (unreachable,) = datagen.validate(edited(("states[2]", state)))
    assert str(unreachable) == 'specification: states[2]: no worker can reach "b"'
    (held,) = datagen.validate(BASE, max_workers=1, duration="1H", start="2027-03-12")
    assert "-m 1" in held.text


def test_strangers_may_read_nothing(tmp_path: Path) -> None:
    """By each function; what the program itself passes is its own affair, and events go nowhere."""
    (tmp_path / "own.json").write_text('{"type": "hourly", "heights": [1, 2]}')
    other = str(tmp_path / "other")
    reaching = {**BASE, "schedule": str(tmp_path / "own.json")}
    writing = {**BASE, "target": {"type": "file", "path": other}, "truth": other}
    refused: list[Callable[..., Any]] = [
        datagen.generate,
        datagen.explain,
        datagen.validate,
        datagen.run,
    ]
    for function in refused:
        with pytest.raises(datagen.Error, match=r"schedule: .* is a file; --untrusted refuses it"):
            function(reaching, untrusted=True)
    with pytest.raises(datagen.Error, match="is a file; --untrusted refuses it"):
        datagen.entities(reaching, "users", untrusted=True)
    for function in refused[1:]:
        with pytest.raises(datagen.Error, match="target: --untrusted refuses it") as raised:
            function(writing, untrusted=True)
        assert len(raised.value.problems) == 2
    given: dict[str, Any] = {"records": 5, "untrusted": True, **SAME}
    expected = list(datagen.generate(BASE, records=5, **SAME))
    assert list(datagen.generate(writing, **given)) == expected
    target = {"type": "file", "path": str(tmp_path / "x.json")}
    datagen.run(writing, target, truth={"type": "null"}, **given)
    assert len((tmp_path / "x.json").read_text().splitlines()) == 5
    assert not Path(other).exists()
    with pytest.raises(datagen.Error, match="is larger than 4 MB"):
        datagen.generate({**BASE, "_": "x" * (5 << 20)}, untrusted=True)


def test_validate_checks_rates() -> None:
    """Whether they can be met, and what holds them back."""
    given: dict[str, Any] = {"start": "2027-03-12", "max_workers": 2}
    with pytest.raises(datagen.Error, match="the rate 100/s is out of reach"):
        datagen.validate(BASE, rate="100/s", **given)
    assert datagen.validate(BASE, rate="0.001/s", **given) == ()


def test_validate_checks_what_else_is_named() -> None:
    """The target, the schedule, sets of values; all problems come in one go."""
    with pytest.raises(datagen.Error) as raised:
        datagen.validate(
            edited(("states", {})), target={"type": "fil", "path": "x"}, schedule={"type": "daily"}
        )
    paths = [str(each.path[0]) for each in raised.value.problems]
    assert paths == sorted(paths, key=["states", "target", "schedule"].index)
    assert {*paths} == {"states", "target", "schedule"}
