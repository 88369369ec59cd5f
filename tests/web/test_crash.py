"""A server that is killed in mid-save: what was answered is there, whole, and nothing else is mixed in."""

import http.client
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import connect

from hitl.web.store.votes import Standing, standings
from tests.review.releases import pairs
from tests.web.caller import Caller
from tests.web.rooms import Room, a_room, at_desk
from tests.web.served import Program

PADDING = "x" * 3000


@dataclass
class Writer:
    """Somebody who saves vote after vote until the server dies."""

    name: str
    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Revision and reason of the last save that was answered, by item."""
    n: int = 0

    def begin(self, room: Room, port: int) -> None:
        self.caller = Caller(port)
        assert self.caller.enter(room.token(self.name)).status == 303
        self.items = [item.item_id for item in room.items(self.name)]
        self.revisions = {
            one: self.caller.get(f"/api/items/{one}").json["revision"] for one in self.items
        }

    def write(self) -> None:
        marks = [{"side": side, "action": "approve"} for side in "AB"]
        while True:
            self.n += 1
            item = self.items[self.n % len(self.items)]
            reason = f"{self.name} {self.n} {PADDING}"
            body = {"marks": marks, "preference": "tie", "reason": reason}
            body["revision"] = self.revisions[item]
            try:
                answer = self.caller.send("PUT", f"/api/items/{item}", body)
            except (OSError, http.client.HTTPException):
                return
            assert answer.status == 200, answer.text
            self.revisions[item] = answer.json["revision"]
            self.acknowledged[item] = (answer.json["revision"], reason)


def test_kill_9_in_mid_save_loses_and_mixes_nothing(tmp_path: Path) -> None:
    room = a_room(tmp_path / "review", pairs(2))
    writers = [Writer("alice"), Writer("bob")]
    for _ in range(2):
        with Program(room.folder) as program:
            for writer in writers:
                writer.begin(room, program.port)
            goal = [writer.n + 12 for writer in writers]
            threads = [threading.Thread(target=writer.write) for writer in writers]
            for thread in threads:
                thread.start()
            while any(writer.n < n for writer, n in zip(writers, goal, strict=True)):
                assert any(thread.is_alive() for thread in threads)
                time.sleep(0.001)
            program.process.kill()
            program.process.communicate(timeout=20)
            for thread in threads:
                thread.join(30)
        with at_desk(room) as desk, desk.store.reading() as connection:
            for writer in writers:
                check(standings(connection, room.who(writer.name)), writer)
    with closing(connect(room.folder / "votes.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute(
            "SELECT count(*), max(revision) FROM votes GROUP BY reviewer, item"
        )
        assert all(n == revision for n, revision in rows)


def check(found: dict[str, Standing], writer: Writer) -> None:
    assert set(writer.acknowledged) <= set(found)
    for item, standing in found.items():
        revision, reason = writer.acknowledged.get(item, (0, ""))
        assert standing.vote is not None
        assert standing.vote.reason.startswith(f"{writer.name} ")
        assert standing.vote.reason.endswith(PADDING)
        # At most the one save whose answer was still on its way is there besides.
        assert standing.revision in (revision, revision + 1)
        if standing.revision == revision:
            assert standing.vote.reason == reason
