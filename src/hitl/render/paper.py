"""What every HTML page is drawn with: one environment, so that no page can forget to escape."""

from base64 import b64encode
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hitl.render.numbers import UNKNOWN
from hitl.render.text import show


def paper() -> Environment:
    """Return an environment that escapes every text and shows every unseen character."""
    return Environment(
        loader=PackageLoader("hitl.render"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_hash(style: str) -> str:
    """Return the digest by which a content security policy allows one style and no other."""
    return b64encode(sha256(style.encode()).digest()).decode()


def _printed(value: object) -> object:
    """Make whatever a template prints safe to look at; escaping follows."""
    if value is None:
        return UNKNOWN
    return show(value) if isinstance(value, str) and not isinstance(value, Markup) else value
