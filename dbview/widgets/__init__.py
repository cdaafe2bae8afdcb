"""The widgets: attributes down, messages up; none knows the app or the source."""
