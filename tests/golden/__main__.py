"""Makes the golden records again: `python -m tests.golden`."""

from tests.golden import FOLDER, PRESETS, records_of

for preset in PRESETS:
    path = FOLDER / f"{preset}.jsonl"
    path.write_bytes(records_of(preset, 200))
    print(path.relative_to(FOLDER.parent.parent))
