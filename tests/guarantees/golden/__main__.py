"""Makes the golden records again: `python -m tests.guarantees.golden`."""

from tests.guarantees.golden import (
    FOLDER,
    FORMATS,
    PRESETS,
    golden_format,
    golden_records,
    golden_schema,
)

for preset in PRESETS:
    path = FOLDER / f"{preset}.jsonl"
    path.write_bytes(golden_records(preset))
    print(path.relative_to(FOLDER.parent.parent))

for name in FORMATS:
    (FOLDER / name).write_bytes(golden_format(name))

(FOLDER / "schema.avsc").write_bytes(golden_schema())
