"""`hitl explain`: from the verdict down to a reply."""

from typing import Annotated

import typer

from hitl.cli.options import AsJson, Record


def explain(
    record: Record,
    subset: Annotated[str | None, typer.Option("--subset", help="Explain one subset.")] = None,
    case: Annotated[
        str | None, typer.Option("--case", help="Explain one failed case, with both replies.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Walk from the verdict to the rule, the subset, the case and the reply.

    Example: hitl explain reports/triage-2026-05-18 --subset structured-output
    """
    from hitl.cli.output import print_json, print_text
    from hitl.record.select import select
    from hitl.record.store import load_record
    from hitl.render.explain import explain as explained

    loaded = load_record(record)
    part = select(loaded, subset, case)
    if as_json:
        print_json(part)
    else:
        print_text(explained(loaded, subset, case))
    return 0
