"""The first screen where runs are recorded: how each Task went in each run, and what needs attention."""
