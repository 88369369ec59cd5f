"""`hitl doctor`: checks the installation and the workspace."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def doctor(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace.")] = Path(),
    as_json: AsJson = False,
) -> int:
    """Check the installation and the workspace, and say how to mend each fault.

    Example: hitl doctor
    """
    from hitl.cli.doctor import examine
    from hitl.cli.output import people, print_json
    from hitl.render.text import show

    found = examine(folder)
    is_well = all(check.is_well for check in found)
    if as_json:
        print_json({"well": is_well, "checks": [asdict(check) for check in found]})
    else:
        console = people()
        for check in found:
            mark = "ok   " if check.is_well else "FAULT"
            console.print(f"{mark} {show(check.name)}: {show(check.detail)}", soft_wrap=True)
        console.print(
            "all well" if is_well else "mend each fault above and run `hitl doctor` again"
        )
    return 0 if is_well else 2
