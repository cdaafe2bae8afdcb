"""State the version once: the package's own metadata are made from this line, and reading it costs nothing."""

RECORDER_VERSION = "0.1.0"
