"""Makes the golden records again: `python -m tests.golden`."""

from tests.golden import FOLDER, PRESETS, golden_records, golden_schema

for preset in PRESETS:
    path = FOLDER / f"{preset}.jsonl"
    path.write_bytes(golden_records(preset))
    print(path.relative_to(FOLDER.parent.parent))

(FOLDER / "schema.avsc").write_bytes(golden_schema())
