"""The questions people come with: answered by the keys that the README lists, on files of every age and size."""
