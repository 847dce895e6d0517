"""Targets that are tables of databases, written by ADBC."""
