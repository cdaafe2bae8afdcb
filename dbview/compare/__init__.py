"""Say how entries differ: pure functions of what was read, for the screens and the commands alike."""
