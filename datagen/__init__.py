"""Realistic streams of events from a JSON description of a state machine.

This module stays empty of imports, so that `--help` costs nothing.
"""

__version__ = "0.1.0"
