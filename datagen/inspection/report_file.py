"""Writes a report to a file, which is replaced in one step."""

import json
import os

from datagen.errors import OperationError
from datagen.file_set import FileSet
from datagen.inspection.page_file import write_page
from datagen.inspection.report_figures import Report
from datagen.inspection.report_page import report_page


class ReportFile:
    """The file of a report. Raises OperationError where it surely cannot be written, before anything is made."""

    def __init__(self, path: str) -> None:
        self._path = path
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise OperationError(f'--report {path}: there is no folder "{folder}"')
        if os.path.isdir(path) or not os.access(path if os.path.exists(path) else folder, os.W_OK):
            raise OperationError(f"--report {path}: cannot be written")

    def reject_overlap(self, files: FileSet) -> None:
        """Refuse to replace a file of another kind. Raises OperationError."""
        if self._path in files:
            raise OperationError(
                f"--report {self._path}: this file is already used for the {files.what}"
            )

    def write(self, report: Report) -> None:
        """Write a report as its name says. Raises OperationError."""
        if self._path.endswith(".html"):
            text = report_page(report)
        else:
            text = json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n"
        write_page(self._path, text, "--report")
