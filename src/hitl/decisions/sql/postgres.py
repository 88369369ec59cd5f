"""A PostgreSQL server as the engine: it counts, and only the counted lines travel.

Everything is asked in one read-only transaction on one snapshot, so that all counts are of the same rows and nothing
can be changed. `decisions` is put before each query instead of being made, which a replica or a reader could not do.
"""

from collections.abc import Sequence
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from hitl.decisions import quote
from hitl.decisions.dialect import POSTGRES, Dialect
from hitl.decisions.part import Cell, Part, Shape
from hitl.decisions.place import Form, Place, shown_address
from hitl.decisions.query import QueryError, Row
from hitl.decisions.shown import first_line, listed
from hitl.errors import DocumentError, Mistake

_OLDEST = 14
"""Version of the server from which EXTRACT is exact."""
_CONNECT_SECONDS = 10
_SETTINGS = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL jit = off",  # to compile these many short expressions takes longer than to run them
    "SET LOCAL work_mem = '64MB'",
)
_ARRAY = "array"
_SHAPES = {
    "bool": Shape.FLAG, "int2": Shape.NUMBER, "int4": Shape.NUMBER, "int8": Shape.NUMBER, "float4": Shape.NUMBER,
    "float8": Shape.NUMBER, "numeric": Shape.NUMBER, "timestamptz": Shape.ZONED, "timestamp": Shape.NAIVE,
    "date": Shape.NAIVE, _ARRAY: Shape.NESTED, "json": Shape.NESTED, "jsonb": Shape.NESTED, "hstore": Shape.NESTED,
}  # fmt: skip
_HERE = {
    "bool": "BOOLEAN", "int2": "INTEGER", "int4": "INTEGER", "int8": "BIGINT", "float4": "DOUBLE",
    "float8": "DOUBLE", "numeric": "DOUBLE",
}  # fmt: skip
"""Types of a brought answer for the embedded engine; all others are texts."""


class Postgres:
    """One read-only transaction."""

    dialect: Dialect = POSTGRES

    def __init__(self, address: str, scratch: Path) -> None:
        self._name = shown_address(address)
        self._scratch = scratch
        self._relation = ""
        try:
            url = make_url(address).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError) as error:
            problem = "is no database URL; expected postgresql://USER@HOST:PORT/DATABASE::TABLE"
            raise DocumentError([Mistake(self._name, 0, "", problem)]) from error
        self._secrets = tuple(filter(None, (url.password, *map(str, url.query.values()))))
        waits = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
        self._engine = create_engine(url, poolclass=NullPool, connect_args=waits).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._connection = self._connected()

    def close(self) -> None:
        """End the transaction."""
        self._connection.close()
        self._engine.dispose()

    def define(self, sql: str) -> None:
        """Let `decisions` stand for a query."""
        self._relation = sql

    def rows(self, sql: str) -> list[Row]:
        """Run one query and return its rows.

        Raises:
            QueryError: the query, or what it reads, is at fault.
        """
        try:
            with (
                self._connection.begin_nested()
            ):  # so that a refused query does not end the transaction
                found = self._connection.exec_driver_sql(
                    self._whole(sql), execution_options={"no_parameters": True}
                )
                return [tuple(row) for row in found] if found.returns_rows else []
        except DBAPIError as error:
            raise QueryError(self._told(error.orig or error)) from error

    def fetch(self, sql: str, most: int | None = None) -> str:
        """Copy an answer into a file; return the relation of it."""
        whole = self._whole(sql)
        limited = whole if most is None else f"{whole}\nLIMIT {most}"
        names = self._types(f"SELECT * FROM ({whole}) AS answer LIMIT 0")  # noqa: S608  # whole
        target = self._scratch / "answer.csv"
        try:
            with (
                self._connection.begin_nested(),
                target.open("wb") as stream,
                self._driver().cursor() as cursor,
                cursor.copy(f"COPY ({limited}) TO STDOUT (FORMAT csv)".encode()) as lines,
            ):
                for block in lines:
                    stream.write(block)
        except psycopg.Error as error:
            raise QueryError(self._told(error)) from error
        types = ", ".join(
            f"{quote.name(name)}: '{_HERE.get(kind, 'VARCHAR')}'" for name, kind in names
        )
        return (
            f"read_csv({quote.text(str(target))}, auto_detect = false, header = false, delim = ',', quote = '\"', "
            f"escape = '\"', nullstr = '', allow_quoted_nulls = false, columns = {{{types}}})"
        )

    def parts(self, places: Sequence[Place]) -> tuple[Part, ...]:
        """Return one part for each table.

        Raises:
            DocumentError: every table that is not there or cannot be read.
        """
        there = self._tables()
        parts, mistakes = [], []
        for place in places:
            found = there.get(place.table)
            if found is None:
                problem = (
                    f"no such table that this user can see; the database has: {listed(list(there))}"
                )
                mistakes.append(Mistake(str(place), 0, "", problem))
                continue
            relation = ".".join(map(quote.name, found))
            try:
                columns = self._types(f"SELECT * FROM {relation} LIMIT 0")  # noqa: S608  # quoted
            except QueryError as error:
                mistakes.append(Mistake(str(place), 0, "", f"cannot be read: {error}"))
                continue
            cells = {name: _cell(quote.name(name), kind) for name, kind in columns}
            parts.append(Part(Form.POSTGRES, (), (str(place),), cells, relation))
        if mistakes:
            raise DocumentError(mistakes)
        return tuple(parts)

    def _connected(self) -> Connection:
        try:
            connection = self._engine.connect()
        except (DBAPIError, UnicodeError) as error:
            cause = getattr(error, "orig", None) or error
            problem = (
                f"cannot be opened: {self._told(cause)}; check host, port, database and user; "
                "the password belongs in PGPASSWORD or in the file ~/.pgpass"
            )
            raise DocumentError([Mistake(self._name, 0, "", problem)]) from error
        self._connection = connection
        version = self.rows("SHOW server_version_num")[0][0]
        if int(version) < _OLDEST * 10_000:
            connection.close()
            problem = f"is PostgreSQL {int(version) // 10_000}; expected {_OLDEST} or newer"
            raise DocumentError([Mistake(self._name, 0, "", problem)])
        for setting in _SETTINGS:
            self.rows(setting)
        return connection

    def _driver(self) -> "psycopg.Connection[Row]":
        raw = self._connection.connection.driver_connection
        if not isinstance(raw, psycopg.Connection):
            raise TypeError(f"expected a psycopg connection, not {type(raw)}")
        return raw

    def _whole(self, sql: str) -> str:
        text = sql.strip()
        if not self._relation or "decisions" not in text:
            return text
        relation = f"WITH decisions AS NOT MATERIALIZED ({self._relation})"
        if text[:5].upper() == "WITH ":
            return f"{relation}, {text[5:]}"
        return f"{relation}\n{text}"

    def _types(self, sql: str) -> list[tuple[str, str]]:
        """Column names of a query with the names of their types; domains are their base."""
        try:
            with self._connection.begin_nested(), self._driver().cursor() as cursor:
                cursor.execute(sql.encode())
                described = cursor.description or []
                return [(column.name, _type_name(cursor, column.type_code)) for column in described]
        except psycopg.Error as error:
            raise QueryError(self._told(error)) from error

    def _tables(self) -> dict[str, tuple[str, str]]:
        """Tables and views by the names that a user may give them: with their schema, or without if on the path."""
        sql = """SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid) FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            ORDER BY 3 DESC, 1, 2"""
        found: dict[str, tuple[str, str]] = {}
        for schema, table, is_visible in self.rows(sql):
            if is_visible:
                found[table] = (schema, table)
        for schema, table, _ in self.rows(sql):
            found.setdefault(f"{schema}.{table}", (schema, table))
        return found

    def _told(self, error: BaseException) -> str:
        said = first_line(error)
        for secret in self._secrets:
            said = said.replace(secret, "***")
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            said += "; ask the owner for: GRANT SELECT ON the table TO this user"
        return said


def _type_name(cursor: "psycopg.Cursor[Row]", code: int) -> str:
    found = cursor.connection.adapters.types.get(code)
    if found is None:
        return ""
    return found.name if code == found.oid else _ARRAY


def _cell(sql: str, kind: str) -> Cell:
    if (
        kind == "numeric"
    ):  # it may be too large or too small for floating point, which is an error here
        number = f"CAST(ROUND(LEAST(GREATEST({sql}, -1e300), 1e300), 30) AS DOUBLE PRECISION)"
        return Cell(sql, Shape.NUMBER, number)
    return Cell(sql, _SHAPES.get(kind, Shape.TEXT))
