"""Expressions: trees that compute with the fields of records, by arrays or one value at a time."""
