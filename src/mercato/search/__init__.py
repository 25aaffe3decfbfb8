"""Search: the index, what keeps it in step with the database, and what answers queries."""
