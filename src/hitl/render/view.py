"""Every view of a record that is text, by name."""

from enum import StrEnum
from typing import assert_never

from hitl.record.release import ReleaseRecord
from hitl.render.github import render_github
from hitl.render.junit import render_junit
from hitl.render.markdown import render_markdown
from hitl.render.page import render_page
from hitl.render.sarif import render_sarif


class View(StrEnum):
    """A format of `hitl report`."""

    HTML = "html"
    MD = "md"
    JUNIT = "junit"
    GITHUB = "github"
    SARIF = "sarif"


def render(record: ReleaseRecord, view: View) -> str:
    """Return the record in the format that is asked for."""
    match view:
        case View.HTML:
            return render_page(record)
        case View.MD:
            return render_markdown(record)
        case View.JUNIT:
            return render_junit(record)
        case View.GITHUB:
            return render_github(record)
        case View.SARIF:
            return render_sarif(record)
        case _:
            assert_never(view)
