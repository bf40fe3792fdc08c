"""Changes of the tables, oldest first in `versions/`; `api.database.migrate` runs them."""
