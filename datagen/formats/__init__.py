"""Formats turn batches of columns into bytes: a text for each record, in one buffer; one file each.

Importing the package registers every type in `FORMATS`.
"""

from datagen.formats import delimited, jsonlines, pattern, template
from datagen.formats.base import FORMATS, Format, Formatter, Rendered
from datagen.formats.delimited import Csv, Tsv
from datagen.formats.jsonlines import JsonLines
from datagen.formats.pattern import Pattern
from datagen.formats.template import TemplateFormat

__all__ = [
    "FORMATS",
    "Csv",
    "Format",
    "Formatter",
    "JsonLines",
    "Pattern",
    "Rendered",
    "TemplateFormat",
    "Tsv",
    "delimited",
    "jsonlines",
    "pattern",
    "template",
]
