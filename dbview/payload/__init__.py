"""Recognise and decode what a Task left as its result. No Textual; nothing is ever unpickled or executed."""
