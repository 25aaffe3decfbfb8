"""Infrastructure that knows no domain: settings, database, HTTP, problems, paging, logs."""
