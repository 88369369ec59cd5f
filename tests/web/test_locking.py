import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hitl.errors import UsageError
from hitl.review.ballot import ballot_problems
from hitl.review.folder import DECISIONS, RATINGS, ballot_file, load_review, withdrawal_file
from hitl.review.merging import merge_review
from hitl.review.votes import Ballot
from hitl.review.words import Action, Outcome
from hitl.web.desk.desk import Desk
from hitl.web.desk.locking import lock
from hitl.web.desk.refusals import ClosedError, LockedError, RefusedError, UnfitError
from hitl.web.desk.sight import sight
from hitl.web.desk.voting import next_item, open_item, put_off_item, save, undo
from tests.web.rooms import HandClock, Room, a_room, a_sent, at_desk


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return a_room(tmp_path / "review")


def vote_on_all(desk: Desk, room: Room, name: str, action: Action | None = None) -> None:
    for item in room.items(name):
        save(desk, room.who(name), item.item_id, a_sent(item, action=action, reason=f"says {name}"))


def a_lock(desk: Desk, room: Room, name: str) -> Ballot:
    return lock(desk, room.who(name), room.token(name), accepts_blanks=False)


def test_a_locked_ballot_is_signed_whole_and_final(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        a_lock(desk, room, "alice")
        for act in (
            lambda: save(desk, alice, item.item_id, a_sent(item, 1)),
            lambda: open_item(desk, alice, item.item_id),
            lambda: put_off_item(desk, alice, item.item_id),
            lambda: undo(desk, alice),
            lambda: a_lock(desk, room, "alice"),
        ):
            with pytest.raises(LockedError):
                act()
        assert next_item(desk, alice) is None
    review = load_review(room.folder)

    ballot = review.ballots[alice]
    assert ballot_problems(ballot, review.packets[alice], review.plan) == ()
    assert len(ballot.votes) == len(room.items("alice"))


def test_another_token_signs_nothing(room: Room) -> None:
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        for token in ("", "wrong", room.token("bob")):
            with pytest.raises(UnfitError, match="not your access token"):
                lock(desk, room.who("alice"), token, accepts_blanks=False)

    assert not ballot_file(room.folder, room.who("alice")).exists()


def test_blanks_must_be_confirmed_and_stay_missing(room: Room) -> None:
    item = room.items("alice")[0]
    with at_desk(room) as desk:
        save(desk, room.who("alice"), item.item_id, a_sent(item))
        with pytest.raises(UnfitError, match="3 items have no vote"):
            a_lock(desk, room, "alice")
        ballot = lock(desk, room.who("alice"), room.token("alice"), accepts_blanks=True)

    assert [vote.item_id for vote in ballot.votes] == [item.item_id]


def test_a_ballot_that_cannot_be_written_leaves_the_votes_open(room: Room) -> None:
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        (room.folder / "ballots").write_text("in the way")
        with pytest.raises(UsageError, match="cannot be written"):
            a_lock(desk, room, "alice")
        (room.folder / "ballots").unlink()
        assert a_lock(desk, room, "alice").votes


def test_a_ballot_that_was_lost_after_the_lock_is_written_again(room: Room) -> None:
    path = ballot_file(room.folder, room.who("alice"))
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        a_lock(desk, room, "alice")
    before = path.read_bytes()
    path.unlink()
    with at_desk(room):
        pass

    assert path.read_bytes() == before


def test_who_has_locked_stays_locked_when_the_ballot_is_taken_away(room: Room) -> None:
    item = room.items("alice")[0]
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        a_lock(desk, room, "alice")
        ballot_file(room.folder, room.who("alice")).unlink()
        with pytest.raises(LockedError):
            save(desk, room.who("alice"), item.item_id, a_sent(item, 1, action=Action.ESCALATE))
        with pytest.raises(LockedError):
            a_lock(desk, room, "alice")


def test_who_was_left_out_can_neither_vote_nor_lock(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        withdrawal_file(room.folder, alice).parent.mkdir()
        withdrawal_file(room.folder, alice).write_bytes(b"")
        for act in (
            lambda: save(desk, alice, item.item_id, a_sent(item, 1, action=Action.ESCALATE)),
            lambda: open_item(desk, alice, item.item_id),
            lambda: undo(desk, alice),
            lambda: a_lock(desk, room, "alice"),
        ):
            with pytest.raises(ClosedError, match="left out"):
                act()
        assert next_item(desk, alice) is None
        vote_on_all(desk, room, "bob")

    assert not ballot_file(room.folder, alice).exists()


@pytest.mark.parametrize("name", [RATINGS, DECISIONS])
def test_once_the_key_is_open_nobody_votes_or_locks(room: Room, name: str) -> None:
    item = room.items("alice")[0]
    with at_desk(room) as desk:
        vote_on_all(desk, room, "bob")
        (room.folder / name).write_bytes(b"")
        with pytest.raises(ClosedError, match="voting has ended"):
            save(desk, room.who("alice"), item.item_id, a_sent(item))
        with pytest.raises(ClosedError, match="voting has ended"):
            a_lock(desk, room, "bob")

    assert not ballot_file(room.folder, room.who("bob")).exists()


def test_a_ballot_from_a_packet_without_a_server_locks_too(room: Room) -> None:
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        a_lock(desk, room, "alice")
    (room.folder / "votes.sqlite").unlink()
    with at_desk(room) as desk, pytest.raises(LockedError):
        open_item(desk, room.who("alice"), room.items("alice")[0].item_id)


def test_a_clock_that_is_set_back_locks_no_vote_before_it_was_cast(room: Room) -> None:
    clock = HandClock()
    with at_desk(room, clock) as desk:
        vote_on_all(desk, room, "alice")
        clock.at = datetime(2026, 5, 1, tzinfo=UTC)
        ballot = a_lock(desk, room, "alice")
    review = load_review(room.folder)

    assert ballot_problems(ballot, review.packets[ballot.reviewer], review.plan) == ()


def test_an_adjudicator_sees_nothing_until_all_raters_of_an_item_have_locked(room: Room) -> None:
    dora = room.who("dora")
    with at_desk(room) as desk:
        for name, action in (("alice", None), ("bob", Action.REJECT)):
            vote_on_all(desk, room, name, action)
            a_lock(desk, room, name)
        vote_on_all(desk, room, "carol", Action.MODIFY)
        with desk.store.reading() as connection:
            before = sight(desk, connection, dora)
        with pytest.raises(RefusedError, match="2 of 3 raters have locked"):
            lock(desk, dora, room.token("dora"), accepts_blanks=True)
        a_lock(desk, room, "carol")
        with desk.store.reading() as connection:
            after = sight(desk, connection, dora)

    assert before.items == ()
    assert before.others == {}
    assert not before.may_lock
    # `one of ...` is approved, rejected and modified: no majority; `other of ...` is rejected twice.
    assert len(after.items) == 4


def test_an_adjudicator_reads_votes_in_the_order_of_their_own_sides(room: Room) -> None:
    with at_desk(room) as desk:
        for name, action in (("alice", None), ("bob", Action.ESCALATE), ("carol", Action.MODIFY)):
            vote_on_all(desk, room, name, action)
            a_lock(desk, room, name)
        dora = room.who("dora")
        for item in room.items("dora"):
            opened = open_item(desk, dora, item.item_id)
            by_reason = {other.reason: other for other in opened.others}
            texts = [side.text for side in item.sides]
            expected = tuple("approve" if text.startswith("one") else "reject" for text in texts)

            assert by_reason["says alice"].actions == expected
            assert by_reason["says alice"].preference == "AB"[expected.index("approve")]
            assert by_reason["says bob"].preference == "tie"
            assert {other.rater for other in opened.others} == {"rater 1", "rater 2", "rater 3"}


def test_where_raters_agree_nothing_is_left_but_to_lock(room: Room) -> None:
    with at_desk(room) as desk:
        for name in room.raters:
            vote_on_all(desk, room, name)
            a_lock(desk, room, name)
        with desk.store.reading() as connection:
            seen = sight(desk, connection, room.who("dora"))
        ballot = a_lock(desk, room, "dora")

    assert "nothing is left to settle" in seen.waiting
    assert ballot.votes == ()


def test_what_was_locked_here_merges(room: Room) -> None:
    with at_desk(room) as desk:
        for name in room.raters:
            vote_on_all(desk, room, name)
            a_lock(desk, room, name)
        a_lock(desk, room, "dora")
    review = load_review(room.folder)
    ratings = merge_review(review, lambda name: np.random.default_rng(len(name)))

    # Everybody prefers what the previous arm said: `one of ...`.
    assert [item.outcome for item in ratings.items] == [Outcome.LOSS] * 4
    assert not ratings.is_partial


def test_the_ballot_on_disk_is_plain_json(room: Room) -> None:
    with at_desk(room) as desk:
        vote_on_all(desk, room, "alice")
        ballot = a_lock(desk, room, "alice")
    found = json.loads(ballot_file(room.folder, ballot.reviewer).read_bytes())

    assert found["reviewer"] == room.who("alice")
    assert "alice" not in json.dumps({**found, "votes": []})
