"""The screen of a table: filter, grid, columns, and what is done with the rows that are shown."""
