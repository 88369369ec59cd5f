from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.caller import Caller
from tests.web.rooms import Room, a_room
from tests.web.served import in_thread


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Four items, three raters each, and Dora, who settles."""
    return a_room(tmp_path / "review")


@pytest.fixture
def port(room: Room) -> Iterator[int]:
    with in_thread(room) as port:
        yield port


@pytest.fixture
def alice(room: Room, port: int) -> Caller:
    caller = Caller(port)
    assert caller.enter(room.token("alice")).status == 303
    return caller
