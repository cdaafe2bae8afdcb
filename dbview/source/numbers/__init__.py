"""What is counted over the rows of a View: values, groups, statistics, points of a plot."""
