import threading
from collections import Counter
from pathlib import Path

import pytest

from hitl.review.words import Assignment
from hitl.web.desk.refusals import TakenError
from hitl.web.desk.sight import sight
from hitl.web.desk.voting import next_item, note_alive, open_item, put_off_item, save, undo
from tests.review.releases import pairs
from tests.web.rooms import HandClock, Room, a_room, a_sent, at_desk


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Three raters, one item, which needs two of them."""
    return a_room(tmp_path / "review", pairs(1), raters=2, assignment=Assignment.OPEN)


def test_an_item_is_offered_while_votes_and_reservations_leave_room(room: Room) -> None:
    alice, bob, carol = (room.who(name) for name in ("alice", "bob", "carol"))
    item = room.items("alice")[0]
    with at_desk(room) as desk:
        assert next_item(desk, alice) == item.item_id
        save(desk, alice, item.item_id, a_sent(item))
        assert next_item(desk, bob) == item.item_id
        assert next_item(desk, carol) is None
        with pytest.raises(TakenError, match="others have taken"):
            open_item(desk, carol, item.item_id)
        assert open_item(desk, alice, item.item_id).standing.vote is not None


def test_what_is_put_off_or_left_for_half_an_hour_goes_to_the_next(room: Room) -> None:
    clock = HandClock()
    alice, bob, carol = (room.who(name) for name in ("alice", "bob", "carol"))
    item_id = room.items("alice")[0].item_id
    with at_desk(room, clock) as desk:
        open_item(desk, alice, item_id)
        open_item(desk, bob, item_id)
        put_off_item(desk, bob, item_id)
        assert next_item(desk, carol) == item_id
        clock.move(1700)
        note_alive(desk, carol, item_id)
        clock.move(101)
        assert next_item(desk, bob) == item_id
        assert next_item(desk, alice) is None


def test_a_late_vote_counts_where_there_is_room_and_is_refused_in_words_where_there_is_none(
    room: Room,
) -> None:
    clock = HandClock()
    alice, bob, carol = (room.who(name) for name in ("alice", "bob", "carol"))
    mine = {name: room.items(name)[0] for name in ("alice", "bob", "carol")}
    item_id = mine["alice"].item_id
    with at_desk(room, clock) as desk:
        open_item(desk, alice, item_id)
        open_item(desk, bob, item_id)
        clock.move(1801)
        save(desk, bob, item_id, a_sent(mine["bob"]))
        open_item(desk, carol, item_id)
        with pytest.raises(TakenError, match="your time for this item ran out"):
            save(desk, alice, item_id, a_sent(mine["alice"]))
        put_off_item(desk, carol, item_id)
        assert save(desk, alice, item_id, a_sent(mine["alice"])).revision == 1


def test_undo_keeps_the_place_for_whom_it_shows_the_item_again(room: Room) -> None:
    alice, bob, carol = (room.who(name) for name in ("alice", "bob", "carol"))
    item_id = room.items("alice")[0].item_id
    with at_desk(room) as desk:
        save(desk, alice, item_id, a_sent(room.items("alice")[0]))
        save(desk, bob, item_id, a_sent(room.items("bob")[0]))
        assert undo(desk, bob) == item_id
        assert next_item(desk, carol) is None
        assert next_item(desk, bob) == item_id


def test_raters_who_hurry_at_once_never_take_more_places_than_there_are(tmp_path: Path) -> None:
    room = a_room(tmp_path / "review", pairs(12), raters=2, assignment=Assignment.OPEN)
    faults: list[Exception] = []

    def work(name: str) -> None:
        items = {item.item_id: item for item in room.items(name)}
        try:
            while (item_id := next_item(desk, room.who(name))) is not None:
                open_item(desk, room.who(name), item_id)
                save(desk, room.who(name), item_id, a_sent(items[item_id]))
        except Exception as error:  # noqa: BLE001  # told below, in the test's own thread
            faults.append(error)

    with at_desk(room) as desk:
        threads = [threading.Thread(target=work, args=(name,)) for name in room.raters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        votes: Counter[str] = Counter()
        for name in room.raters:
            with desk.store.reading() as connection:
                seen = sight(desk, connection, room.who(name))
            votes.update(item.item_id for item in seen.items if seen.has_vote(item.item_id))

    assert faults == []
    assert set(votes.values()) == {2}
    assert len(votes) == 12
