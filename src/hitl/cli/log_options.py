"""Options that commands on decision logs share, and the log that they open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitl.decisions.query import EngineName

if TYPE_CHECKING:
    from hitl.decisions.mapping import LogColumns
    from hitl.decisions.source import Log

Logs = Annotated[
    list[str],
    typer.Argument(
        metavar="LOG...",
        help="Parquet, CSV, JSON lines (.gz too), quoted patterns, DATABASE::TABLE of a DuckDB or SQLite file, "
        "or postgresql://USER@HOST/DATABASE::TABLE.",
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", help="mapping.yaml: columns, values, units and zone of the log."),
]
MemoryMb = Annotated[
    int, typer.Option("--memory-mb", min=100, help="Memory; beyond it the disk is used.")
]
ByEngine = Annotated[
    EngineName,
    typer.Option("--engine", help="Who reads files; tables of a server are read by the server."),
]


def mapping_of(mapping: Path | None, policy: Path | None) -> "Path | LogColumns | None":
    """Return how a log is read: the mapping file, else what the policy says of its log.

    Raises:
        DocumentError: a policy with faults.
    """
    if mapping is not None or policy is None:
        return mapping
    from hitl.policy.schema import Policy

    return Policy.load(policy).log_columns


@contextmanager
def opened_log(
    logs: Sequence[str],
    at: datetime,
    mapping: "Path | LogColumns | None" = None,
    memory_mb: int = 1000,
    engine: EngineName = EngineName.DUCKDB,
) -> Iterator["Log"]:
    """Open the log that a command names.

    Args:
        logs: files, patterns, tables and addresses.
        at: now; later times are faults.
        mapping: a mapping file, or what a policy says of its log.
        memory_mb: what the engine may use.
        engine: who reads files.

    Raises:
        DocumentError: every file, table or column that cannot be used.
        UsageError: the engine is not installed, or does not start.
    """
    from hitl.decisions.mapping import MappingFile
    from hitl.decisions.source import open_log
    from hitl.decisions.sql.duck import Limits
    from hitl.document.load import load_document

    named = load_document(mapping, MappingFile) if isinstance(mapping, Path) else mapping
    with open_log(logs, at, named, Limits(memory_mb), engine=engine) as opened:
        yield opened
