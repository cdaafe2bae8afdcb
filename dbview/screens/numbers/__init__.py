"""The screens that count the rows of a filter: groups, few-valued columns, statistics, a plot."""
