"""The tables in a database are those of this program, or the program says why it will not go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

import api.tables  # noqa: F401
from api.database import SchemaError, check_schema, connect_once, migrate, open_database
from api.settings import Settings


def execute(url, statement):
    with connect_once(url).begin() as connection:
        connection.execute(text(statement))


def test_an_empty_database_gets_the_tables_and_a_second_time_nothing(empty_database):
    assert migrate(empty_database.owner) is True
    check_schema(empty_database.application)
    assert migrate(empty_database.owner) is False


def test_the_tables_of_the_migrations_are_those_of_the_program(owner_engine):
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_servers_that_start_together_upgrade_once(empty_database):
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(migrate, [empty_database.owner] * 2))
    assert sorted(done) == [False, True]


def test_an_upgrade_that_fails_changes_nothing(empty_database):
    execute(empty_database.owner, "CREATE TABLE certificate (n integer)")
    with pytest.raises(SchemaError, match=r"nothing was changed.*certificate"):
        migrate(empty_database.owner)
    with connect_once(empty_database.owner).connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        assert list(tables) == ["certificate"]


def test_a_database_without_tables_is_refused_with_the_command_that_helps(empty_database):
    with pytest.raises(SchemaError) as caught:
        check_schema(empty_database.application)
    assert "older than this program" in caught.value.message
    assert "SAMATTHANA_DATABASE_OWNER_URL" in caught.value.next_step
    assert "samatthana migrate" in caught.value.next_step


def test_a_database_of_a_newer_program_is_refused(database):
    execute(database.owner, "UPDATE alembic_version SET version_num = 'of-tomorrow'")
    with pytest.raises(SchemaError, match="newer"):
        check_schema(database.application)
    with pytest.raises(SchemaError, match="newer"):
        migrate(database.owner)


def test_a_user_without_the_services_rights_is_told_what_to_grant(database):
    execute(database.owner, "REVOKE SELECT ON alembic_version FROM samatthana_app")
    with pytest.raises(SchemaError, match="GRANT samatthana_app TO"):
        check_schema(database.application)


def settings_for(urls, *, owner: bool) -> Settings:
    def text_of(url):
        return url.render_as_string(hide_password=False)

    return Settings(
        database_url=text_of(urls.application),
        database_owner_url=text_of(urls.owner) if owner else None,
    )


def test_an_operators_database_is_upgraded_when_its_owner_is_given(empty_database):
    with open_database(settings_for(empty_database, owner=True)) as urls:
        check_schema(urls.application)


def test_an_operators_database_is_left_alone_when_its_owner_is_not_given(empty_database):
    with (
        pytest.raises(SchemaError, match="DATABASE_OWNER_URL"),
        open_database(settings_for(empty_database, owner=False)),
    ):
        pass


def test_the_embedded_database_is_ready_without_a_word(tmp_path):
    with open_database(Settings(data=tmp_path)) as urls:
        check_schema(urls.application)


# --- what the application may change ----------------------------------------------------------


@pytest.mark.parametrize(
    "table", ["session_event", "published_document", "bank_in_force", "audit_entry"]
)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET detail = NULL", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_application_only_adds_to_what_is_kept_for_ever(engine, table, statement):
    columns = {"published_document": "body", "bank_in_force": "at"}
    column = columns.get(table, "detail")
    with engine.connect() as connection:
        connection.execute(text(f"SELECT * FROM {table}"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(statement.format(table).replace("detail", column)))


@pytest.mark.parametrize("statement", ["DROP TABLE session_event", "ALTER TABLE account ADD n int"])
def test_the_application_may_not_change_tables(engine, statement):
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="must be owner"):
        connection.execute(text(statement))
