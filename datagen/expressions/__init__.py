"""Expressions over columns: trees, and what they compute."""
