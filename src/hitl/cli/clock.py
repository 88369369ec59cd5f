"""Time, chance and circumstances: the three things that only the command line may ask the world for."""

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from hitl import __version__
from hitl.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from hitl.record.assemble import Circumstances

_PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "pydantic",
    "jinja2",
    "cel-expr-python",
    "jsonschema-rs",
    "json-repair",
)

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


def seeded(seed: int) -> "Callable[[str], np.random.Generator]":
    """Return a source of generators, one for each named choice, all fixed by one seed."""
    import numpy as np

    def generator(name: str) -> "np.random.Generator":
        words = np.frombuffer(hashlib.sha256(f"{seed}:{name}".encode()).digest(), dtype=np.uint32)
        return np.random.default_rng(words)

    return generator


def now() -> datetime:
    """Return the time, with its zone, to the second; SOURCE_DATE_EPOCH fixes it for reproducible builds.

    Raises:
        UsageError: the variable holds no such time.
    """
    return moment().replace(microsecond=0)


def moment() -> datetime:
    """Return the time like `now`, to the microsecond: for measuring how long people take.

    Raises:
        UsageError: SOURCE_DATE_EPOCH holds no time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not epoch:
        return datetime.now(UTC)
    if not _SECONDS.fullmatch(epoch) or int(epoch) > _LAST_SECOND:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {epoch[:40]!r}; expected whole seconds since 1970, up to the year 9999; set it right or unset it"
        )
    return datetime.fromtimestamp(int(epoch), UTC)


def circumstances(folder: Path) -> "Circumstances":
    """Return when and where this is."""
    from hitl.document.schema import Json
    from hitl.record.assemble import Circumstances

    environment: dict[str, Json] = {
        "hitl": __version__,
        "python": platform.python_version(),
        "platform": platform.system(),
        "packages": dict[str, Json]((name, metadata.version(name)) for name in _PACKAGES),
        "git_revision": git_revision(folder),
    }
    return Circumstances(now(), environment)


def git_revision(folder: Path) -> str | None:
    """Return the commit that a folder's checkout is at, or None outside one."""
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            ["git", "-C", str(folder), "rev-parse", "HEAD"],  # noqa: S607  # git is found as the user finds it
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
