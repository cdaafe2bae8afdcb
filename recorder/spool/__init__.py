"""Entries that could not be stored yet: one file an entry, in the first of a chain of places that takes it."""
