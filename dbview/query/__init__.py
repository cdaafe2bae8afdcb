"""What a person asks for: relations, views and the filter language. No SQL, no Textual."""
