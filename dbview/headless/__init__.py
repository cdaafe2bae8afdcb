"""The commands that write data to standard output instead of opening the interface. No Textual."""
