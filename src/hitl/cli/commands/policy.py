"""`hitl policy`: look after policies."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def policy() -> None:
    """Look after policies: what runs alone, and what a person sees.

    Example: hitl policy check manifests/incident-triage/policy.yaml
    """


@app.command()
def check(
    policy: Annotated[Path, typer.Argument(metavar="POLICY.yaml", help="The policy.")],
    as_json: AsJson = False,
) -> int:
    """Show what a policy amounts to for each action type, and find what is wrong with it.

    Mistakes of form (unknown words, pools that nobody named, rules that do not compile) are told
    all at once with file and line and exit 2, as does any error; warnings and notes exit 0.

    Example: hitl policy check manifests/incident-triage/policy.yaml
    """
    from hitl.cli.output import people, print_json
    from hitl.cli.policy import checked_policy, print_findings
    from hitl.render.policy import print_summary

    found = checked_policy(policy)
    if as_json:
        print_json(found.as_json())
    else:
        print_summary(found.types, found.asked, people())
        print_findings(found)
    return 2 if found.has_errors else 0
