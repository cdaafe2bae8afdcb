"""What entries mean to each other: runs, tries, keys, files, what is latest and what waits."""
