"""How a file is opened and read, whatever state it is in, without writing a byte."""
