"""Turns JSON, in either form, into a checked specification."""
