"""What an answer says at its top level, whatever else is in it."""

import pytest

from datagen.targets.json_answer import top_level_value

ITEM = b'{"index":{"status":400,"error":{"reason":"no \\"errors\\":true here"}}}'


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (b'{"took":3,"errors":true,"items":[%b]}' % ITEM, b"true"),
        (b'{"items":[%b,%b],"errors":false}' % (ITEM, ITEM), b"false"),
        (b' {"a" : {"errors": true}, "errors" : false}', b"false"),
        (b'{\n  "errors" : true\n}', b"true"),
        (b'{"errors":true,"items":[{"index":{"_id":"cut o', b"true"),
        (b'{"errors":[{"message":"x"}]}', b"["),
        (b'{"errors":"true"}', b'"true"'),
        (b'{"a":"errors","b":true}', None),
        (b'{"a":"\\"errors\\":true"}', None),
        (b'{"data":{"errors":true}}', None),
        (b'[{"errors":true}]', None),
        (b'<p>{"errors":true}</p>', None),
        (b'"errors":true', None),
        (b'{"errors"', None),
        (b'{"errors":', None),
        (b"", None),
    ],
)
def test_value_at_the_top_level(answer: bytes, value: bytes | None) -> None:
    """Neither deeper ones nor texts that look like it count; what is cut off may still say it."""
    assert top_level_value(answer, "errors") == value


@pytest.mark.parametrize("piece", [b'"\\"', b'\\"', b'{"', b"[", b'"a":', b'"errors"'])
def test_hostile_answer_is_read_once(piece: bytes) -> None:
    """Megabytes of open texts and brackets cost no more than as many of anything else."""
    answer = b'{"errors"' + piece * (1_000_000 // len(piece))
    assert top_level_value(answer, "nothing") is None
    assert top_level_value(answer + b'"nothing"', "nothing") is None
