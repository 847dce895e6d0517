"""Curves over the day and the week, their pace, and time zones."""
