"""The embedded SQL engine: shut off from the network, with a bound on memory, one cursor a query."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from hitl.decisions.dialect import DUCKDB, Dialect
from hitl.decisions.query import QueryError, Row
from hitl.decisions.shown import first_line
from hitl.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may use."""

    memory_mb: int = 1000
    """Beyond it, work goes to the temporary folder."""
    threads: int | None = None
    """All cores if None."""


class Duck:
    """One DuckDB in memory."""

    dialect: Dialect = DUCKDB

    def __init__(self, folder: Path, limits: Limits) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{limits.memory_mb}MB",
            "temp_directory": str(folder),
        }
        if limits.threads is not None:
            config["threads"] = str(limits.threads)
        self._memory_mb = limits.memory_mb
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET enable_progress_bar = false")  # stdout is the command's own
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._connection.execute("SET GLOBAL lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; the temporary folder is the caller's."""
        self._connection.close()

    def define(self, sql: str) -> None:
        """Let `decisions` stand for a query."""
        self.rows(f"CREATE OR REPLACE VIEW decisions AS {sql}")

    def fetch(self, sql: str, most: int | None = None) -> str:
        """Return the query itself: everything is here already."""
        return f"({sql})" if most is None else f"(SELECT * FROM ({sql}) LIMIT {most})"  # noqa: S608  # whole

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Run one query and return its rows.

        Raises:
            QueryError: the query, or what it reads, is at fault.
            UsageError: it needs more memory than it may use.
        """
        try:
            with self._connection.cursor() as cursor:
                return cursor.execute(sql, list(values) or None).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise self._needs_more(error) from error
        except duckdb.Error as error:
            raise QueryError(first_line(error)) from error

    def columns(self, sql: str) -> dict[str, Any]:
        """Run one query and return numpy columns by name; a column with nulls is a masked array.

        Raises:
            QueryError: the query, or what it reads, is at fault.
            UsageError: it needs more memory than it may use.
        """
        try:
            with self._connection.cursor() as cursor:
                return cursor.execute(sql).fetchnumpy()
        except duckdb.OutOfMemoryException as error:
            raise self._needs_more(error) from error
        except duckdb.Error as error:
            raise QueryError(first_line(error)) from error

    def _needs_more(self, error: duckdb.Error) -> UsageError:
        return UsageError(
            f"the log needs more than {self._memory_mb} MB of memory or more disk than the temporary folder has "
            f"({first_line(error)}); allow more, or name fewer files"
        )
