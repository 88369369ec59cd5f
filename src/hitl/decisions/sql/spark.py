"""Spark as the engine: it reads files where it can reach them, and only the counted lines travel."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from hitl.decisions import quote
from hitl.decisions.dialect import SPARK, Dialect
from hitl.decisions.part import Part
from hitl.decisions.place import Place
from hitl.decisions.query import QueryError, Row
from hitl.decisions.sql.duck import Limits
from hitl.decisions.sql.spark_files import cause, spark_parts
from hitl.errors import UsageError

_LEAST_MEMORY_MB = 512
"""Spark does not start with less."""
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
}


class Spark:
    """One session of a Spark that runs already, or of one that is started for it."""

    dialect: Dialect = SPARK

    def __init__(self, scratch: Path, limits: Limits) -> None:
        self._scratch = scratch
        running = SparkSession.getActiveSession()
        base = running or _started(scratch, limits)
        self._started = None if running else base
        self._session = base.newSession()
        for name, value in _SETTINGS.items():
            self._session.conf.set(name, value)

    def close(self) -> None:
        """Stop what was started."""
        if self._started is not None:
            self._started.stop()

    def define(self, sql: str) -> None:
        """Let `decisions` stand for a query."""
        self._asked(f"CREATE OR REPLACE TEMPORARY VIEW decisions AS {sql}")

    def rows(self, sql: str) -> list[Row]:
        """Run one query and return its rows.

        Raises:
            QueryError: the query, or what it reads, is at fault.
        """
        table = self._brought(self._asked(sql))
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def fetch(self, sql: str, most: int | None = None) -> str:
        """Bring an answer into a file; return the relation of it."""
        asked = self._asked(sql)
        target = self._scratch / "answer.parquet"
        pq.write_table(self._brought(asked if most is None else asked.limit(most)), target)
        return f"read_parquet({quote.text(str(target))})"

    def parts(self, places: Sequence[Place], names: Sequence[str]) -> tuple[Part, ...]:
        """Return the parts of a log in files, of which JSON lines have the named columns.

        Raises:
            DocumentError: every file that cannot be read.
        """
        return spark_parts(self._session, places, names, self._scratch)

    def _asked(self, sql: str) -> DataFrame:
        try:
            return self._session.sql(sql)
        except (PySparkException, Py4JError) as error:
            raise QueryError(cause(error)) from error

    def _brought(self, asked: DataFrame) -> pa.Table:
        try:
            return asked.toArrow()
        except (PySparkException, Py4JError) as error:
            raise QueryError(cause(error)) from error


def _started(scratch: Path, limits: Limits) -> SparkSession:
    builder = (
        SparkSession.builder.appName("hitl")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "OFF")  # what Spark logs of a failure quotes rows
        .config("spark.driver.memory", f"{max(limits.memory_mb, _LEAST_MEMORY_MB)}m")
        .config("spark.sql.warehouse.dir", str(scratch / "warehouse"))
    )
    if limits.threads is not None:
        builder = builder.master(f"local[{limits.threads}]")
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise UsageError(
            f"Spark does not start: {cause(error)}; it needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)"
        ) from error
