"""The screens: each is a function of a View, and owns its state and its requests to the source."""
