"""The program works when installed from a wheel, in any folder, presets included."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_wheel_runs_a_preset_in_an_empty_folder(tmp_path: Path) -> None:
    """`datagen -c clickstream -n 5` needs nothing but the wheel and its dependencies."""
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "-o",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    place, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "datagen = generator:main" in archive.read(entry).decode()
        assert "datagen/py.typed" in archive.namelist()
    code = "import sys, generator; assert 'site' in generator.__file__; sys.exit(generator.main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "-c", "clickstream", "-n", "5", "-s", "2025-01-01"],
        cwd=empty, env={**os.environ, "PYTHONPATH": str(place)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 5
    (empty / "test_it.py").write_text(
        "def test_it(datagen_events):\n    assert len(list(datagen_events('clickstream', records=5))) == 5\n"
    )
    words = [sys.executable, "-m", "pytest", "-q", "test_it.py"]
    tried = subprocess.run(
        words, cwd=empty, env={**os.environ, "PYTHONPATH": str(place)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert tried.returncode == 0, tried.stdout
