"""Typed columns of values, and how values are written."""
