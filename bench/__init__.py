"""Measure what matters side by side with the least that could do the same."""
