"""Distributions: quantile functions with checked parameters."""
