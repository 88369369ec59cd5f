"""What `hitl brief` prints and writes."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from hitl.record.release import ReleaseRecord


class BriefFormat(StrEnum):
    """Views of a brief."""

    MD = "md"
    HTML = "html"


def brief_text(record: "ReleaseRecord", view: BriefFormat) -> str:
    """Return the brief in one form."""
    match view:
        case BriefFormat.MD:
            from hitl.render.brief.markdown import render_brief_markdown

            return render_brief_markdown(record)
        case BriefFormat.HTML:
            from hitl.render.brief.page import render_brief_page

            return render_brief_page(record)
        case _:
            assert_never(view)


def write_brief(record: "ReleaseRecord", folder: Path) -> None:
    """Write `brief.md` and `brief.html`.

    Raises:
        UsageError: the folder cannot be written.
    """
    from hitl.document.write import write_all

    write_all(folder, {f"brief.{view}": brief_text(record, view).encode() for view in BriefFormat})


def brief_values(record: "ReleaseRecord") -> dict[str, object]:
    """Return the brief as plain values, for machines."""
    from hitl.render.brief.content import brief_of

    return asdict(brief_of(record))
