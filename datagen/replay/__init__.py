"""Turns a source of records into batches: the same records at other times."""
