"""`hitl log`: look after decision logs."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.commands import log_compare
from hitl.cli.log_options import ByEngine, Logs, Mapping, MemoryMb
from hitl.cli.options import AsJson
from hitl.decisions.exchange.shape import Shape
from hitl.decisions.query import EngineName

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def log() -> None:
    """Look after decision logs.

    Example: hitl log lint manifests/incident-triage/decisions.parquet
    """


@app.command()
def lint(
    logs: Logs,
    mapping: Mapping = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy that says how the log is read; --mapping wins."),
    ] = None,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Report what each field of a decision log covers, what is wrong, and what that forbids.

    Rows that cannot be used, and ids that stand twice, exit 2; gaps alone exit 0.

    Example: hitl log lint manifests/incident-triage/decisions.parquet
    """
    from hitl.cli.log_lint import LintAsked, run_lint

    return run_lint(logs, LintAsked(mapping, policy, memory_mb, engine), as_json=as_json)


Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
SaltEnv = Annotated[
    str | None,
    typer.Option(
        "--salt-env",
        metavar="NAME",
        help="Environment variable with the secret that makes pseudonyms, so that several files "
        "can be joined; without it each file has a secret of its own, which is kept nowhere.",
    ),
]


@app.command(name="import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="JSON or JSON lines (.gz too), quoted patterns."),
    ],
    shape: Annotated[Shape, typer.Option("--from", help="What wrote the files.")],
    out: Annotated[
        Path, typer.Option("--out", help="The log: .parquet, .jsonl or .csv (text also .gz).")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="mapping.yaml: paths, words, units and zone of the export."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy that says how the export is read; --mapping wins."),
    ] = None,
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--people",
            metavar="SOURCE",
            help="Also a source of people's judgements, such as API; may be given several times.",
        ),
    ] = None,
    hash_reviewers: Annotated[
        bool,
        typer.Option("--hash-reviewers/--keep-reviewers", help="Put pseudonyms for reviewers."),
    ] = False,
    salt_env: SaltEnv = None,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """Make a decision log of the export of another tool.

    Decisions and what people said of them may lie in different files. What an export does not hold
    stays absent. With anything that cannot be read as it should, nothing is written: exit 2.

    Example: hitl log import manifests/incident-triage/traces.otlp.jsonl --from otlp --out imported.parquet
    """
    from hitl.cli.log_exchange import ImportAsked, run_import

    asked = ImportAsked(shape, out, mapping, people or (), hash_reviewers, salt_env, force, policy)
    return run_import(files, asked, as_json=as_json)


@app.command()
def export(
    logs: Annotated[list[str], typer.Argument(metavar="LOG...", help="As for `hitl log lint`.")],
    out: Annotated[
        Path, typer.Option("--out", help="The export: .parquet, .jsonl or .csv (text also .gz).")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="mapping.yaml: columns, values, units and zone of the log."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Policy whose `redact` says what is taken out.")
    ] = None,
    keep_reviewers: Annotated[
        bool, typer.Option("--keep-reviewers", help="Leave reviewer ids as they are.")
    ] = False,
    salt_env: SaltEnv = None,
    keep_days: Annotated[
        int | None,
        typer.Option("--keep-days", min=1, max=36_500, help="Leave out rows older than N days."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Moment that --keep-days counts from; now if not given."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day that leaves (UTC).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day that leaves (UTC).")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Only these columns, separated by commas.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """Write a log for other eyes: personal data out, reviewers under pseudonyms.

    A pseudonym is a keyed hash: a plain one of a staff list is undone in a moment.

    Example: hitl log export manifests/incident-triage/decisions.parquet --out shared.parquet
    """
    from hitl.cli.log_exchange import ExportAsked, run_export

    asked = ExportAsked(
        out, mapping, policy, keep_reviewers, salt_env, keep_days, first, last, at, columns, force
    )
    return run_export(logs, asked, as_json=as_json)


app.command("compare")(log_compare.compare)
