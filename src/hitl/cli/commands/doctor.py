"""`hitl doctor`: checks the installation and the workspace."""

import os
from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def doctor(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace.")] = Path(),
    as_json: AsJson = False,
) -> int:
    """Check the installation and the workspace, and say how to mend each fault.

    Nothing is asked and no network is touched.

    Example: hitl doctor
    """
    from hitl.cli.clock import now
    from hitl.cli.doctor import examine
    from hitl.cli.doctor_release import Level, Surroundings
    from hitl.cli.output import people, print_json
    from hitl.render.text import show

    found = examine(folder, Surroundings(dict(os.environ), now()))
    is_well = all(check.is_well for check in found)
    if as_json:
        print_json({"well": is_well, "checks": [check.said() for check in found]})
        return 0 if is_well else 2
    console = people()
    marks = {Level.OK: "ok   ", Level.NOTE: "note ", Level.WARNING: "WARN ", Level.FAULT: "FAULT"}
    for check in found:
        console.print(
            f"{marks[check.level]} {show(check.name)}: {show(check.detail)}", soft_wrap=True
        )
    n_warnings = sum(check.level is Level.WARNING for check in found)
    if not is_well:
        console.print("mend each fault above and run `hitl doctor` again")
    else:
        console.print(
            f"nothing is broken; heed {n_warnings} WARN above" if n_warnings else "all well"
        )
    return 0 if is_well else 2
