"""Names of runs."""

from datagen.part import Part
from datagen.running.run_name import RunName

NAME = RunName({"the specification": "ab", "-m": "10"}, 1, Part(0, 3))


def test_name_depends_on_what_the_stream_depends_on() -> None:
    """And on nothing else: not on which part it is, nor on where the truth goes."""
    name = NAME.of(0)
    assert len(name) == 16
    assert int(name, 16) >= 0
    same = [
        RunName(NAME.fingerprint, 1, Part(2, 3)),
        RunName({**NAME.fingerprint, "the truth": "truth-2.jsonl"}, 1, NAME.part),
        RunName(dict(reversed([*NAME.fingerprint.items()])), 1, NAME.part),
    ]
    assert {each.of(0) for each in same} == {name}
    others = [
        RunName(NAME.fingerprint, 2, NAME.part),
        RunName(NAME.fingerprint, 1, Part(0, 2)),
        RunName({**NAME.fingerprint, "-m": "11"}, 1, NAME.part),
    ]
    assert len({name, NAME.of(1), *(each.of(0) for each in others)}) == 5
