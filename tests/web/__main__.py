"""The program with `hitl review serve`, whichever commands it has besides."""

import sys

import typer

from hitl.cli.app import app
from hitl.cli.commands.review_serve import serve
from hitl.cli.door import main

if __name__ == "__main__":
    if not any(group.name == "review" for group in app.registered_groups):
        group = typer.Typer(name="review")
        group.callback()(lambda: None)
        group.command()(serve)
        app.add_typer(group)
    sys.exit(main())
