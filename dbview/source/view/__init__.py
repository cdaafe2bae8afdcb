"""The rows of a View: its filter as SQL, scanned in short steps, sorted, found by their position."""
