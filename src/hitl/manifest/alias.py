"""Which model ids can move: an alias is a rumour, not a version."""

import re

from hitl.manifest.release import AliasResolution

_PARTS = frozenset({"latest", "default", "stable", "current", "auto"})
_DATE = re.compile(
    r"(19|20)\d{2}[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])|(?<!\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
)


def is_alias(model: str, resolution: AliasResolution | None) -> bool:
    """Say whether a model id can move: the manifest calls it an alias, or it has such a part and no date.

    >>> is_alias("provider/latest", None), is_alias("model-2026-05-18", None)
    (True, False)
    """
    if resolution is not None and model == resolution.alias:
        return True
    parts = set(re.split(r"[^a-z0-9]+", model.lower()))
    return bool(parts & _PARTS) and not _DATE.search(model)
