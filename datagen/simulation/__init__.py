"""Turns a specification into batches: workers walk the machine, in windows."""
