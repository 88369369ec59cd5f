"""Redact, mask, scan, choose, pack: with the arms swapped, the whole way gives the same report and the same bytes."""

from dataclasses import replace

import numpy as np
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from hitl.decisions.redaction.redact import Redactor
from hitl.review.candidate import Candidate
from hitl.review.choosing import Budget, choose
from hitl.review.leaks import scan
from hitl.review.masking import Masker
from hitl.review.packed import Packed, Person
from hitl.review.packing import pack_review
from hitl.review.parts import BlindnessReport
from hitl.review.shown import show_candidates
from hitl.review.words import Assignment, Blindness, Mode, Role
from hitl.review.writing import own_bytes
from tests.review.by_hand import SECRET
from tests.review.releases import AT, NAMES, SWAPPED_NAMES, a_candidate, rules, swapped
from tests.review.test_nothing_tells_the_arms_apart import without_digests
from tests.review.worlds import World, worlds

TELLING = (
    "I am wisdom-3, made by Acme. ",
    "As a model by zenith (quick-4.5), ",
    "Write to jo.doe@example.org. ",
    "ＷＩＳＤＯＭ-3 says:\r\n",
    "",
)
"""What an arm may begin with: names in several spellings, an address, an invisible habit."""


@st.composite
def telling_worlds(draw: st.DrawFn) -> World:
    world = draw(worlds())
    return replace(world, candidates=[draw(telling(one)) for one in world.candidates])


@st.composite
def telling(draw: st.DrawFn, one: Candidate) -> Candidate:
    outputs = tuple(
        replace(output, text=draw(st.sampled_from(TELLING)) + output.text) for output in one.outputs
    )
    return replace(one, outputs=outputs, input=draw(st.sampled_from(TELLING)) + one.input)


def whole_way(world: World, chance: int, *, is_swapped: bool) -> tuple[BlindnessReport, Packed]:
    found = swapped(world.candidates) if is_swapped else world.candidates
    names = SWAPPED_NAMES if is_swapped else NAMES
    shown = show_candidates(found, Masker(names.names), Redactor())
    report = scan(shown.candidates, np.random.default_rng(chance), names=names.names)
    report = report.model_copy(update={"n_masked": shown.n_masked, "n_redacted": shown.n_redacted})
    budget = Budget(4, None, 60.0, world.raters)
    chosen = choose(shown.candidates, budget, np.random.default_rng(chance), chance)
    people = [Person(f"rater {i}", Role.RATER) for i in range(world.raters)]
    declared = rules(mode=world.mode, raters=world.raters, blindness=report)
    return report, pack_review(chosen, names, declared, people, SECRET, AT, "Answers")


@seed(20260524)
@settings(max_examples=40, deadline=None)
@given(world=telling_worlds(), chance=st.integers(0, 2**31))
def test_the_whole_way_is_the_same_whichever_arm_is_which(world: World, chance: int) -> None:
    report, one = whole_way(world, chance, is_swapped=False)
    other_report, other = whole_way(world, chance, is_swapped=True)
    assert report == other_report
    assert without_digests(one.plan) == without_digests(other.plan)
    for reviewer, packet in one.packets.items():
        assert without_digests(packet) == without_digests(other.packets[reviewer])
        content = own_bytes(packet).decode().casefold()
        assert not [name for name in ("wisdom", "quick-4.5", "jo.doe", *NAMES.names) if name in content]  # fmt: skip


def test_a_report_that_finds_a_habit_does_not_say_whose_it_is() -> None:
    """80 cases in which one arm writes headings: a classifier that learns has the more to get wrong by the swap."""
    found = [
        a_candidate(f"c{i}", f"# Answer\n- cause {i % 7}\n- fix {i}", f"The cause is {i % 7}, so do {i}.")
        for i in range(80)
    ]  # fmt: skip
    world = World(found, [], Mode.PAIR, 2, 2, Assignment.FIXED)
    report, one = whole_way(world, 7, is_swapped=False)
    other_report, other = whole_way(world, 7, is_swapped=True)
    assert report.label is Blindness.NOT_BLIND
    assert report.accuracy is not None
    assert report.tells
    assert report.model_dump_json() == other_report.model_dump_json()
    assert without_digests(one.plan) == without_digests(other.plan)
