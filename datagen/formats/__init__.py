"""Formats turn batches of columns into bytes, a text for each record, or into tables; one file each.

Each is imported when records are wanted in it.
"""

from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.jsonlines import JsonLines

FORMATS.locate(
    {
        "parquet": "datagen.formats.columnar",
        "arrow": "datagen.formats.columnar",
        "arrow_stream": "datagen.formats.columnar",
        "avro": "datagen.formats.avro",
        "csv": "datagen.formats.delimited",
        "tsv": "datagen.formats.delimited",
        "json": "datagen.formats.jsonlines",
        "pattern": "datagen.formats.pattern",
        "template": "datagen.formats.template",
    }
)
__all__ = ["FORMATS", "Format", "Formatter", "JsonLines"]
