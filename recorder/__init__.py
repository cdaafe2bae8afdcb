"""The flight recorder for Tasks: one call at a Task's end stores one entry."""
