"""Formats turn batches of columns into bytes, a text for each record, or into tables; one file each.

Importing the package registers every type in `FORMATS`.
"""

from datagen.formats import avro, columnar, delimited, jsonlines, pattern, template
from datagen.formats.avro import Avro
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.columnar import Arrow, Parquet
from datagen.formats.delimited import Csv, Tsv
from datagen.formats.jsonlines import JsonLines
from datagen.formats.pattern import Pattern
from datagen.formats.template import TemplateFormat

__all__ = [
    "FORMATS",
    "Arrow",
    "Avro",
    "Csv",
    "Format",
    "Formatter",
    "JsonLines",
    "Parquet",
    "Pattern",
    "TemplateFormat",
    "Tsv",
    "avro",
    "columnar",
    "delimited",
    "jsonlines",
    "pattern",
    "template",
]
