"""Read-only access to a database: opening, guard, relations, rendering of SQL, scans. No Textual."""
