"""Text inside GitHub flavoured Markdown, so that it stays text.

Two ways: prose, in which every mark that could become structure, a link, a mention or a reference is escaped, and code,
in which nothing is read as Markdown at all and only the fence itself must not be met.
"""

import re

from hitl.render.text import brief, show

_MARKS = re.compile(r"([\\`*_\[\]#~$])")
_LEADING = re.compile(r"^([-+=>]|\d+[.)])")
_RUNS = re.compile("`+")
_BREAK = "&#8203;"
"""An invisible break: GitHub reads mentions, addresses and references after entities are decoded."""


def prose(text: str, limit: int = 400) -> str:
    r"""Return one line of text that no Markdown reader takes for anything else.

    >>> prose("| <b> *x* @team https://a.example #12")
    '&#124; &lt;b&gt; \\*x\\* @&#8203;team https:&#8203;//a.example \\#&#8203;12'
    """
    line = brief(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _MARKS.sub(r"\\\1", line).replace("|", "&#124;")
    line = _LEADING.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}", line)
    line = (
        line.replace("@", f"@{_BREAK}")
        .replace("://", f":{_BREAK}//")
        .replace("\\#", f"\\#{_BREAK}")
    )
    return re.sub(r"(?i)\b(www|GH)([.-])", rf"\1{_BREAK}\2", line)


def code(text: str, limit: int = 120) -> str:
    """Return a code span, also safe in a table cell, where a bar would end the cell.

    >>> code("a|b")
    '`a¦b`'
    """
    line = brief(text, limit).replace("|", "¦") or "—"
    fence = "`" * (_longest_run(line) + 1)
    space = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{space}{line}{space}{fence}"


def block(text: str) -> str:
    """Return a fenced block whose fence is longer than any in the text."""
    shown = show(text)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUNS.findall(text)), default=0)
