"""Packets, plan and key of a review, held against what was put in."""

import json
from dataclasses import replace

import pytest

from hitl.digest import digest, digest_bytes
from hitl.errors import EvidenceError, UsageError
from hitl.review.packed import Person
from hitl.review.qualification import KnownItem, Preferred
from hitl.review.words import Action, Assignment, Choice, Mode, Role, Scope, SideName
from hitl.run.arm import Arm
from tests.review.releases import (
    AT,
    DORA,
    NAMES,
    PEOPLE,
    a_candidate,
    an_output,
    opened,
    packed,
    packet_of,
    pairs,
    raters_of,
)

PREVIOUS, CANDIDATE = Arm.PREVIOUS, Arm.CANDIDATE


def test_the_key_tells_for_every_reviewer_whose_each_side_was() -> None:
    review = packed(pairs(12), raters=3)
    key = opened(review)
    seen = {item.item_id: item for item in key.items}
    orders = set()
    for reviewer, packet in review.packets.items():
        for shown in packet.items:
            item = seen[shown.item_id]
            number = int(item.case_id[-4:])
            sides = item.sides[::-1] if shown.item_id in key.turned[reviewer] else item.sides
            said = {(PREVIOUS,): f"one of {number}", (CANDIDATE,): f"other of {number}"}
            assert [side.text for side in shown.sides] == [said[side.arms] for side in sides]
            assert [side.side for side in shown.sides] == [SideName.A, SideName.B]
            orders.add(tuple(side.arms for side in sides))
    assert len(orders) == 2, "each arm stands first somewhere"


def test_the_key_holds_what_the_gate_and_the_merge_need() -> None:
    outputs = (
        an_output(PREVIOUS, "yes", confidence=0.9, action_type="page"),
        an_output(CANDIDATE, "no"),
    )
    scopes = frozenset({Scope.POLICY, Scope.FAILING})
    one = a_candidate("c", None, None, outputs=outputs, scopes=scopes, cluster="k", repeat=2)
    review = packed([one], raters=3)
    key = opened(review)
    (item,) = key.items
    assert (item.case_id, item.subset, item.cluster, item.repeat) == ("c", "all", "k", 2)
    assert item.scopes == (Scope.FAILING, Scope.POLICY)
    assert item.case_digest == one.case_digest
    by_arm = {side.arms[0]: side for side in item.sides}
    assert by_arm[PREVIOUS].replies == {PREVIOUS: outputs[0].digest}
    assert by_arm[PREVIOUS].confidence == {PREVIOUS: 0.9}
    assert by_arm[PREVIOUS].action_type == {PREVIOUS: "page"}
    assert by_arm[CANDIDATE].confidence == by_arm[CANDIDATE].action_type == {}
    assert (key.release_id, key.workflow_id) == (NAMES.release_id, NAMES.workflow_id)
    assert (key.previous_model, key.candidate_model) == (NAMES.previous_model, NAMES.candidate_model)  # fmt: skip
    assert key.population == {"all": 1}


def test_every_digest_of_the_plan_fits() -> None:
    review = packed(pairs(5))
    rules_digest = digest(review.plan.rules.model_dump(mode="json"))
    assert review.plan.key_digest == digest_bytes(review.sealed)
    assert [ref.reviewer for ref in review.plan.packets] == sorted(review.packets)
    for ref in review.plan.packets:
        packet = review.packets[ref.reviewer]
        assert ref.packet_digest == digest(packet.model_dump(mode="json"))
        assert ref.n_items == len(packet.items)
        assert (packet.rules_digest, packet.key_digest) == (rules_digest, review.plan.key_digest)


def test_outputs_that_look_the_same_are_one_side_of_both_arms() -> None:
    review = packed([a_candidate("c", "same", "same")], raters=3)
    (item,) = opened(review).items
    assert [side.arms for side in item.sides] == [(PREVIOUS, CANDIDATE)]
    assert set(item.sides[0].replies) == {PREVIOUS, CANDIDATE}
    assert [side.text for side in packet_of(review, "alice").items[0].sides] == ["same"]
    assert not any(opened(review).turned.values())


def test_outputs_that_differ_in_their_tool_calls_alone_are_two_sides() -> None:
    outputs = (an_output(PREVIOUS, "x", tool_calls="[1]"), an_output(CANDIDATE, "x"))
    review = packed([a_candidate("c", None, None, outputs=outputs)], raters=3)
    assert len(packet_of(review, "bob").items[0].sides) == 2


@pytest.mark.parametrize(
    ("previous", "candidate", "texts", "shown"),
    [
        pytest.param(0.9, 0.4, "ab", {"a": 0.9, "b": 0.4}, id="both state one"),
        pytest.param(0.9, None, "ab", {"a": None, "b": None}, id="only one arm states one"),
        pytest.param(0.9, 0.4, "aa", {"a": None}, id="one side with two confidences"),
        pytest.param(0.9, 0.9, "aa", {"a": 0.9}, id="one side with the same confidence twice"),
    ],
)
def test_a_confidence_that_only_one_arm_has_is_not_shown(
    previous: float, candidate: float | None, texts: str, shown: dict[str, float | None]
) -> None:
    outputs = (
        an_output(PREVIOUS, texts[0], confidence=previous),
        an_output(CANDIDATE, texts[1], confidence=candidate),
    )
    review = packed([a_candidate("c", None, None, outputs=outputs)], raters=3)
    sides = packet_of(review, "alice").items[0].sides
    assert {side.text: side.confidence for side in sides} == shown


def test_an_item_of_one_arm_has_one_side_and_no_confidence() -> None:
    one = a_candidate("c", None, None, outputs=(an_output(CANDIDATE, "x", confidence=0.8),))
    (side,) = packet_of(packed([one], raters=3), "alice").items[0].sides
    assert (side.text, side.confidence, side.label) == ("x", None, "")


def test_a_shadow_review_shows_the_new_output_first_and_says_so() -> None:
    cases = [
        a_candidate("two", "was", "is"),
        a_candidate("same", "always", "always"),
        a_candidate("lost", "was", None),
        a_candidate("fresh", None, "is"),
    ]
    review = packed(cases, raters=3, mode=Mode.SHADOW)
    key = opened(review)
    names = {item.item_id: item.case_id for item in key.items}
    for packet in review.packets.values():
        shown = {names[i.item_id]: [(s.label, s.text) for s in i.sides] for i in packet.items}
        assert shown == {
            "two": [("new", "is"), ("old", "was")],
            "same": [("new and old", "always")],
            "lost": [("old", "was")],
            "fresh": [("new", "is")],
        }
    two = next(item for item in key.items if item.case_id == "two")
    assert [side.arms for side in two.sides] == [(CANDIDATE,), (PREVIOUS,)]
    assert not any(key.turned.values())


def test_one_at_a_time_both_outputs_go_to_the_same_people_half_a_packet_apart() -> None:
    review = packed(pairs(10), mode=Mode.SINGLE)
    key = opened(review)
    assert len(key.items) == 20
    assert all(len(item.sides) == 1 for item in key.items)
    cases = {item.item_id: item.case_id for item in key.items}
    for packet in review.packets.values():
        places: dict[str, list[int]] = {}
        for place, item in enumerate(packet.items):
            places.setdefault(cases[item.item_id], []).append(place)
        assert all(len(found) == 2 for found in places.values())
        gaps = [second - first for first, second in places.values()]
        assert min(gaps) >= len(packet.items) / 2


def test_one_at_a_time_each_arm_comes_first_about_as_often() -> None:
    review = packed(pairs(200), mode=Mode.SINGLE, raters=3)
    whose = {item.item_id: item.sides[0].arms[0] for item in opened(review).items}
    for packet in review.packets.values():
        first = [whose[item.item_id] for item in packet.items[:200]]
        assert 70 <= first.count(CANDIDATE) <= 130  # 200 fair coins: beyond 4 standard deviations


def test_reviewers_see_items_in_orders_of_their_own() -> None:
    review = packed(pairs(20), raters=3)
    orders = {tuple(item.item_id for item in packet.items) for packet in review.packets.values()}
    assert len(orders) == 4
    assert len({frozenset(order) for order in orders}) == 1


def test_open_assignment_and_adjudicators_get_everything() -> None:
    review = packed(pairs(9), raters=2, assignment=Assignment.OPEN)
    assert {len(packet.items) for packet in review.packets.values()} == {9}
    fixed = packed(pairs(9), raters=2)
    assert len(packet_of(fixed, "dora").items) == 9
    assert [len(packet_of(fixed, one.name).items) for one in PEOPLE] == [6, 6, 6]
    assert {len(names) for names in raters_of(fixed).values()} == {2}


KNOWN = (
    KnownItem(
        input="2 + 2?",
        outputs=("five", "four"),
        actions=((Action.REJECT, Action.MODIFY), (Action.APPROVE,)),
        preference=Preferred.SECOND,
    ),
    KnownItem(
        input="3 + 3?",
        outputs=("six", "seven"),
        actions=((Action.APPROVE,), (Action.REJECT,)),
        preference=Preferred.FIRST,
    ),
    KnownItem(input="Say hello", outputs=("hello",), actions=((Action.APPROVE,),)),
)


def test_known_answers_follow_the_order_of_the_key() -> None:
    """The key's order is that of the digests; the answers must stay with their outputs in every order."""
    review = packed(pairs(6), known=KNOWN)
    key = opened(review)
    known = {one.item_id: one for one in key.qualification}
    assert len(known) == 3
    assert review.plan.rules.sample.n_qualification == 3
    right = {"five": (Action.REJECT, Action.MODIFY), "four": (Action.APPROVE,), "six": (Action.APPROVE,), "seven": (Action.REJECT,), "hello": (Action.APPROVE,)}  # fmt: skip
    better = {"four", "six"}
    for person in PEOPLE:
        packet = packet_of(review, person.name)
        seen = [item for item in packet.items if item.item_id in known]
        assert len(seen) == 3, "every rater gets all of them"
        for item in seen:
            texts = [side.text for side in item.sides]
            if item.item_id in key.turned[packet.reviewer]:
                texts.reverse()
            answer = known[item.item_id]
            assert answer.actions == tuple(right[text] for text in texts)
            if len(texts) == 2:
                assert answer.preference is (Choice.A if texts[0] in better else Choice.B)
            else:
                assert answer.preference is None
    assert not {item.item_id for item in packet_of(review, "dora").items} & set(known)


def test_known_items_that_not_every_rater_would_get_are_refused() -> None:
    with pytest.raises(UsageError, match="must reach every rater"):
        packed(pairs(3), known=KNOWN, raters=2, assignment=Assignment.OPEN)
    everybody = packed(pairs(3), known=KNOWN, raters=3, assignment=Assignment.OPEN)
    assert {len(packet_of(everybody, one.name).items) for one in PEOPLE} == {6}


@pytest.mark.parametrize(("said", "key"), [(Preferred.TIE, Choice.TIE), (None, None)])
def test_a_known_tie_stays_a_tie_and_what_is_not_said_stays_open(said: Preferred | None, key: Choice | None) -> None:  # fmt: skip
    item = KNOWN[0].model_copy(update={"preference": said})
    assert opened(packed(pairs(3), known=[item])).qualification[0].preference is key


def test_known_items_look_like_all_others() -> None:
    review = packed(pairs(40), raters=3, known=KNOWN)
    key = opened(review)
    known = {one.item_id for one in key.qualification}
    alice = packet_of(review, "alice")
    places = [place for place, item in enumerate(alice.items) if item.item_id in known]
    assert places != list(range(40, 43))
    assert {len(item.item_id) for item in alice.items} == {32}
    assert {tuple(item.model_dump()) for item in alice.items} == {("item_id", "input", "context", "sides")}  # fmt: skip
    turned = {item for items in key.turned.values() for item in items}
    assert turned & known


def test_one_at_a_time_a_known_pair_is_two_items() -> None:
    review = packed(pairs(6), mode=Mode.SINGLE, known=KNOWN[:1])
    answers = opened(review).qualification
    assert sorted(answer.actions for answer in answers) == [((Action.APPROVE,),), ((Action.REJECT, Action.MODIFY),)]  # fmt: skip
    assert all(answer.preference is None for answer in answers)


def test_in_a_shadow_review_known_outputs_are_labelled_as_all_others_are() -> None:
    review = packed(pairs(3), mode=Mode.SHADOW, raters=3, known=KNOWN)
    labels = {
        tuple(side.text for side in item.sides): tuple(side.label for side in item.sides)
        for item in packet_of(review, "alice").items
    }
    assert labels["five", "four"] == ("new", "old")
    assert labels["hello",] == ("new and old",)
    assert all(all(words) for words in labels.values())


def test_the_same_arguments_give_the_same_bytes() -> None:
    first, second = packed(pairs(7), known=KNOWN), packed(pairs(7)[::-1], known=KNOWN[::-1])
    assert first.plan == second.plan
    assert first.packets == second.packets
    assert first.sealed == second.sealed


def test_a_second_review_of_a_release_shares_no_token_item_or_share_with_the_first() -> None:
    first, second = packed(pairs(7)), packed(pairs(7), at=AT.replace(hour=10))
    assert first.plan.review_id != second.plan.review_id
    ids = [{i.item_id for p in review.packets.values() for i in p.items} for review in (first, second)]  # fmt: skip
    tokens = [{i.token for i in review.invitations.invitations} for review in (first, second)]
    assert not ids[0] & ids[1]
    assert not tokens[0] & tokens[1]
    assert set(first.packets) == set(second.packets), "a person keeps their hash"


def test_names_of_people_are_in_the_invitations_only() -> None:
    review = packed(pairs(3), people=[Person("Wilhelmina", Role.RATER), *PEOPLE])
    packets = {name: packet.model_dump(mode="json") for name, packet in review.packets.items()}
    written = json.dumps([review.plan.model_dump(mode="json"), packets])
    assert "Wilhelmina" not in written
    assert "Wilhelmina" in review.invitations.model_dump_json()
    assert not any(one.token in written for one in review.invitations.invitations)


@pytest.mark.parametrize(
    ("people", "declared", "message"),
    [
        pytest.param(PEOPLE[:1], {"raters": 2}, "name 1 more reviewers", id="too few raters"),
        pytest.param([DORA], {"raters": 1}, "1 raters an item are asked for and there are 0", id="adjudicators do not rate"),
        pytest.param([*PEOPLE, Person("Alice ", Role.ADJUDICATOR)], {}, "alice is named 2 times", id="one person twice"),
        pytest.param([*PEOPLE, Person("al\u200bice", Role.ADJUDICATOR)], {}, "alice is named 2 times", id="one person twice, with a blank of no width"),
        pytest.param([*PEOPLE, Person("\u0430lice", Role.RATER)], {}, "alice is named 2 times", id="one person twice, with a Cyrillic letter"),
        pytest.param([*PEOPLE, Person("\u00a0", Role.RATER)], {}, "has no name", id="no name"),
        pytest.param([Person(f"p{i}", Role.RATER) for i in range(9)], {"raters": 2}, "3 would have nothing to do", id="more raters than work"),
    ],
)  # fmt: skip
def test_people_who_cannot_do_it_are_refused(people: list[Person], declared: dict[str, int], message: str) -> None:  # fmt: skip
    with pytest.raises(UsageError, match=message):
        packed(pairs(3), people=people, **declared)


def test_every_problem_with_people_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        packed(pairs(3), people=[PEOPLE[0], PEOPLE[0]], raters=3, secret=b"short")
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("title", ["Wisdom-3 or not", "of ZENITH/QUICK-4.5", "release-77-of-spring"])  # fmt: skip
def test_a_title_that_tells_is_refused(title: str) -> None:
    with pytest.raises(UsageError, match="which reviewers must not read"):
        packed(pairs(3), title=title)


def test_a_shadow_review_that_calls_itself_blind_is_refused() -> None:
    blind = packed(pairs(3)).plan.rules.blindness
    with pytest.raises(UsageError, match="expected open"):
        packed(pairs(3), mode=Mode.SHADOW, blindness=blind)


def test_nothing_to_look_at_is_no_review() -> None:
    with pytest.raises(EvidenceError, match="nothing to review"):
        packed([], known=KNOWN)
    with pytest.raises(EvidenceError, match="case c: neither arm has an output"):
        packed([a_candidate("c", None, None)])


def test_known_items_that_show_the_same_are_refused() -> None:
    with pytest.raises(UsageError, match="two items show the same"):
        packed(pairs(3), known=[KNOWN[0], KNOWN[0]])
    alike = KNOWN[0].model_copy(update={"outputs": ("[model]", "[model]")})
    with pytest.raises(UsageError, match="look the same once they are masked"):
        packed(pairs(3), known=[alike])


def test_repeats_of_a_case_are_items_of_their_own() -> None:
    one = a_candidate("c", "a", "b")
    review = packed([one, replace(one, repeat=1)], raters=3)
    assert len(opened(review).items) == 2
