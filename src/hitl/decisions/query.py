"""What an SQL engine must do to be asked about a log."""

from enum import StrEnum
from typing import Any, Protocol

from hitl.decisions.dialect import Dialect

Row = tuple[Any, ...]


class EngineName(StrEnum):
    """Who reads the files of a log; tables of a database are read by their own server."""

    DUCKDB = "duckdb"
    """In this process, with a bound on memory."""
    SPARK = "spark"
    """A Spark session: the one that runs, or one on this machine."""


class QueryError(Exception):
    """An engine could not answer; the message is what it says, without the rows that it quotes."""


class Engine(Protocol):
    """An SQL engine on which the relation `decisions` can be asked."""

    @property
    def dialect(self) -> Dialect:
        """The few words in which it differs from others."""

    def define(self, sql: str) -> None:
        """Let `decisions` stand for a query.

        Raises:
            QueryError: the query cannot work.
        """

    def rows(self, sql: str) -> list[Row]:
        """Run one query and return its rows.

        Raises:
            QueryError: the query, or what it reads, is at fault.
        """

    def fetch(self, sql: str, most: int | None = None) -> str:
        """Bring an answer to this machine, and return the relation by which the embedded engine reads it.

        Args:
            sql: the query.
            most: lines that are brought at most; all if None.

        Raises:
            QueryError: the query, or what it reads, is at fault.
        """

    def close(self) -> None:
        """Let go of everything."""
