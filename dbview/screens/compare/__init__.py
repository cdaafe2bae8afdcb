"""The screen that shows how entries, or two runs, differ."""
