"""Looks at a specification, and at runs of it: what shows a model and writes no records."""
