"""What every test may count on: no network beyond this machine, nothing written to the home directory.

Tests share builders: `from tests.builders import a_release`.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Half of the usual examples, so that the suite stays short; HYPOTHESIS_EXAMPLES=100 and more search longer.
settings.register_profile(
    "hitl", settings.default, max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "50"))
)
settings.load_profile("hitl")

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", ""})
_OWN = tuple(str(Path(place).resolve()) for place in (ROOT, tempfile.gettempdir(), sys.prefix))
_HOME = str(Path.home())
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_is_on_guard = [False]


class UseAScriptedModelOrAServerOnLoopbackError(RuntimeError):
    """A test reached for the network."""


class WriteUnderTmpPathInsteadError(RuntimeError):
    """A test wrote to the home directory."""


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not _is_on_guard[0]:
        return
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _check_host(arguments[1][0])
    elif event == "socket.getaddrinfo":
        _check_host(arguments[0])
    elif event == "open" and isinstance(arguments[0], str) and isinstance(arguments[2], int):
        _check_write(arguments[0], arguments[2])


def _check_host(host: object) -> None:
    if host is not None and str(host) not in _LOOPBACK:
        raise UseAScriptedModelOrAServerOnLoopbackError(str(host))


def _check_write(name: str, flags: int) -> None:
    path = os.path.realpath(name)
    if flags & _WRITES and path.startswith(_HOME + os.sep) and not path.startswith(_OWN):
        raise WriteUnderTmpPathInsteadError(name)


@pytest.fixture(scope="session", autouse=True)
def _guard() -> Iterator[None]:
    sys.addaudithook(_watch)
    _is_on_guard[0] = True
    yield
    _is_on_guard[0] = False
