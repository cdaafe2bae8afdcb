"""The screens of a result payload and of a directory of files."""
