"""A run: what is asked, what is planned, how records are delivered and places kept."""
