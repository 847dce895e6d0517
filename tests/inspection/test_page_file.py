"""Pages in place of files."""

from pathlib import Path

import pytest

from datagen.errors import OperationError
from datagen.inspection.page_file import write_page


def test_file_is_replaced(tmp_path: Path) -> None:
    """In one step; nothing is left beside it."""
    path = tmp_path / "page.html"
    path.write_text("before")
    write_page(str(path), "after", "--explain")
    assert path.read_text() == "after"
    assert [*tmp_path.iterdir()] == [path]


def test_missing_folder_is_said(tmp_path: Path) -> None:
    """With the flag that asked for it."""
    with pytest.raises(OperationError, match=r"--explain .*x/page.html: No such file or directory"):
        write_page(str(tmp_path / "x" / "page.html"), "text", "--explain")
