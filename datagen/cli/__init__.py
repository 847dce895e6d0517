"""The words of a command line, and of stderr."""
