"""The strictly read-only terminal viewer for what the recorder wrote."""
