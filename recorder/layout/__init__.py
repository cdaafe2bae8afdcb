"""What an entry is on disk: names, spelling and values. Standard library only.

The one part of ``recorder`` that ``dbview`` imports.
"""
