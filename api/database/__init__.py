"""PostgreSQL: found or started, upgraded, connected to, and written in one transaction a request.

Read `opening.py` first. What is stored lives in `api.tables`; how it changes, in `api.migrations`.
"""

from api.database.connection import DatabaseDownError, check_connection, connect_once, connect_pool
from api.database.embedded import Urls, embedded_postgres
from api.database.migrate import SchemaError, check_schema, migrate
from api.database.opening import open_database, reach_database
from api.database.transaction import Db, request_transaction, transaction

__all__ = [
    "DatabaseDownError",
    "Db",
    "SchemaError",
    "Urls",
    "check_connection",
    "check_schema",
    "connect_once",
    "connect_pool",
    "embedded_postgres",
    "migrate",
    "open_database",
    "reach_database",
    "request_transaction",
    "transaction",
]
