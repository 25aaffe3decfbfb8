"""Server-rendered pages for shoppers: a reference client of the same services that the API uses."""
