"""What goes between the interface and the terminal: no more than what changed, in characters the terminal has."""
