"""The screen of one row, and where its lines lead: other entries, the history of a parameter, the lineage."""
