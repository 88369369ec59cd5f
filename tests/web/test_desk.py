import threading
from pathlib import Path

import pytest

from hitl.review.words import Action
from hitl.web.desk.refusals import NoSuchItemError, StaleError, UnfitError
from hitl.web.desk.sight import sight
from hitl.web.desk.voting import (
    Sent,
    next_item,
    note_alive,
    open_item,
    put_off_item,
    save,
    show_confidence,
    undo,
)
from tests.web.rooms import HandClock, Room, a_room, a_sent, at_desk


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return a_room(tmp_path / "review")


def test_a_vote_that_was_saved_is_there_when_the_desk_opens_again(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        save(desk, alice, item.item_id, a_sent(item, reason="clear"))
    with at_desk(room) as desk:
        opened = open_item(desk, alice, item.item_id)

    assert opened.standing.revision == 1
    assert opened.standing.vote is not None
    assert opened.standing.vote.reason == "clear"
    assert opened.standing.vote.marks == a_sent(item).marks


def test_items_come_in_the_packets_order_and_what_was_put_off_comes_last(room: Room) -> None:
    alice = room.who("alice")
    first, second, third, fourth = (item.item_id for item in room.items("alice"))
    with at_desk(room) as desk:
        assert next_item(desk, alice) == first
        put_off_item(desk, alice, first)
        assert next_item(desk, alice) == second
        put_off_item(desk, alice, second)
        for item in room.items("alice")[2:]:
            save(desk, alice, item.item_id, a_sent(item))
        assert {third, fourth}.isdisjoint({next_item(desk, alice)})
        assert next_item(desk, alice) == first
        assert next_item(desk, alice, skipping=first) == second
        put_off_item(desk, alice, first)
        assert next_item(desk, alice) == second
        for item in room.items("alice")[:2]:
            save(desk, alice, item.item_id, a_sent(item))
        assert next_item(desk, alice) is None


def test_a_second_window_is_refused_and_both_versions_are_kept(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        save(desk, alice, item.item_id, a_sent(item, 0, reason="first window"))
        with pytest.raises(StaleError) as refused:
            save(desk, alice, item.item_id, a_sent(item, 0, reason="second window"))
        standing = open_item(desk, alice, item.item_id).standing

    assert refused.value.sent.reason == "second window"
    assert refused.value.standing == standing
    assert standing.vote is not None
    assert standing.vote.reason == "first window"


def test_of_many_windows_at_once_exactly_one_is_first(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    saved: list[str] = []
    refused: list[str] = []

    def window(reason: str) -> None:
        try:
            save(desk, alice, item.item_id, a_sent(item, 0, reason=reason))
            saved.append(reason)
        except StaleError:
            refused.append(reason)

    with at_desk(room) as desk:
        threads = [threading.Thread(target=window, args=(f"window {n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        standing = open_item(desk, alice, item.item_id).standing

    assert (len(saved), len(refused)) == (1, 7)
    assert standing.vote is not None
    assert (standing.revision, standing.vote.reason) == (1, saved[0])


def test_the_same_save_sent_twice_counts_once(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        one = save(desk, alice, item.item_id, a_sent(item, 0))
        two = save(desk, alice, item.item_id, a_sent(item, 0))

    assert one == two
    assert one.revision == 1


def test_undo_goes_back_save_by_save_and_shows_what_it_took_back(room: Room) -> None:
    alice, item, other = room.who("alice"), *room.items("alice")[:2]
    with at_desk(room) as desk:
        assert undo(desk, alice) is None
        save(desk, alice, item.item_id, a_sent(item, 0, reason="one"))
        save(desk, alice, item.item_id, a_sent(item, 1, reason="two"))
        save(desk, alice, other.item_id, a_sent(other, 0))

        assert undo(desk, alice) == other.item_id
        after = open_item(desk, alice, other.item_id).standing
        assert (after.revision, after.vote) == (2, None)
        assert after.taken_back is not None

        assert undo(desk, alice) == item.item_id
        back = open_item(desk, alice, item.item_id).standing
        assert back.vote is not None
        assert (back.revision, back.vote.reason, back.vote.revisions) == (3, "one", 0)

        assert undo(desk, alice) == item.item_id
        assert open_item(desk, alice, item.item_id).standing.vote is None
        assert undo(desk, alice) is None
        again = save(desk, alice, item.item_id, a_sent(item, 4, reason="anew"))
        assert again.vote is not None
        assert (again.revision, again.vote.revisions) == (5, 0)


def test_how_often_a_vote_was_changed_is_counted(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        for revision, reason in enumerate(("a", "b", "c")):
            last = save(desk, alice, item.item_id, a_sent(item, revision, reason=reason))

    assert last.vote is not None
    assert last.vote.revisions == 2


def test_a_vote_that_contradicts_itself_is_not_saved(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    whole = a_sent(item)
    with at_desk(room) as desk:
        with pytest.raises(UnfitError, match="which output is better"):
            save(desk, alice, item.item_id, Sent(0, whole.marks, None, ""))
        with pytest.raises(UnfitError, match="output B"):
            save(desk, alice, item.item_id, Sent(0, whole.marks[:1], whole.preference, ""))
        assert open_item(desk, alice, item.item_id).standing.revision == 0


def test_what_is_approved_keeps_no_error_that_was_chosen_before(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    rejected = a_sent(item, action=Action.REJECT)
    changed = tuple(mark.model_copy(update={"action": Action.APPROVE}) for mark in rejected.marks)
    with at_desk(room) as desk:
        saved = save(desk, alice, item.item_id, Sent(0, changed, rejected.preference, ""))

    assert saved.vote is not None
    assert [mark.category for mark in saved.vote.marks] == [None, None]


def test_an_item_of_somebody_else_is_not_there(room: Room) -> None:
    with at_desk(room) as desk, pytest.raises(NoSuchItemError):
        open_item(desk, room.who("alice"), "ab" * 16)


def test_two_reviewers_see_nothing_of_each_other(room: Room) -> None:
    alice, bob = room.who("alice"), room.who("bob")
    with at_desk(room) as desk:
        for item in room.items("alice"):
            save(desk, alice, item.item_id, a_sent(item, reason="by alice"))
        put_off_item(desk, alice, room.items("alice")[0].item_id)
        with desk.store.reading() as connection:
            seen = sight(desk, connection, bob)

    assert seen.standings == {}
    assert seen.later == ()
    assert [item.item_id for item in seen.items] == [item.item_id for item in room.items("bob")]


def test_the_confidence_that_was_asked_for_is_said_with_the_vote(room: Room) -> None:
    alice, item, other = room.who("alice"), *room.items("alice")[:2]
    with at_desk(room) as desk:
        assert not open_item(desk, alice, item.item_id).shows_confidence
        show_confidence(desk, alice, item.item_id)
        assert open_item(desk, alice, item.item_id).shows_confidence
        asked = save(desk, alice, item.item_id, a_sent(item)).vote
        unasked = save(desk, alice, other.item_id, a_sent(other)).vote

    assert asked is not None
    assert unasked is not None
    assert (asked.saw_confidence, unasked.saw_confidence) == (True, False)


def test_time_is_summed_over_openings_and_pauses_are_trimmed(room: Room) -> None:
    # idle_seconds of the rules is 60
    clock = HandClock()
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room, clock) as desk:
        open_item(desk, alice, item.item_id)
        clock.move(20)
        note_alive(desk, alice, item.item_id)
        clock.move(3600)  # lunch
        note_alive(desk, alice, item.item_id)
        clock.move(5)
        put_off_item(desk, alice, item.item_id)
        clock.move(1000)
        open_item(desk, alice, item.item_id)
        clock.move(7.5)
        saved = save(desk, alice, item.item_id, a_sent(item))

    assert saved.vote is not None
    assert saved.vote.seconds == 20 + 60 + 5 + 7.5


def test_without_a_script_one_long_gap_counts_five_times_the_idle_time_at_most(room: Room) -> None:
    clock = HandClock()
    alice, item, other = room.who("alice"), *room.items("alice")[:2]
    with at_desk(room, clock) as desk:
        open_item(desk, alice, item.item_id)
        clock.move(200)
        quick = save(desk, alice, item.item_id, a_sent(item)).vote
        open_item(desk, alice, other.item_id)
        clock.move(4000)
        slow = save(desk, alice, other.item_id, a_sent(other)).vote

    assert quick is not None
    assert slow is not None
    assert (quick.seconds, slow.seconds) == (200, 300)


def test_a_vote_on_an_item_that_was_never_opened_has_no_time(room: Room) -> None:
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room) as desk:
        saved = save(desk, alice, item.item_id, a_sent(item))

    assert saved.vote is not None
    assert saved.vote.seconds is None


def test_a_clock_that_is_set_back_takes_no_time_away(room: Room) -> None:
    clock = HandClock()
    alice, item = room.who("alice"), room.items("alice")[0]
    with at_desk(room, clock) as desk:
        open_item(desk, alice, item.item_id)
        clock.move(30)
        note_alive(desk, alice, item.item_id)
        clock.move(-500)
        saved = save(desk, alice, item.item_id, a_sent(item))

    assert saved.vote is not None
    assert saved.vote.seconds == 30
