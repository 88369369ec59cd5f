"""The `recorded` provider: replies that another run, harness or person wrote down."""

from collections.abc import Iterator
from pathlib import Path

from hitl.document.lines import Lines
from hitl.run.reply import Reply


def recorded_replies(path: Path) -> Iterator[Reply]:
    """Yield the replies of a file in its order.

    Raises:
        DocumentError: after the last line, every line that is not a reply.
    """
    lines = Lines(path, Reply)
    for _, reply in lines:
        yield reply
    lines.check()
