"""Ratings made by a real merge: three who agree mostly, one of whom does not qualify, and hostile names."""

from pathlib import Path

import numpy as np

from hitl.review.parts import Tell
from hitl.review.votes import Ratings
from hitl.review.words import Blindness
from tests.review.by_hand import RULES, Said, a_pair, a_review

NAMES = ("alice", "bob", "carol")
HOSTILE_TEXT = "<script>window.pwned=1</script> | \u202egnp *x* @team [a](javascript:1)"


def some_ratings(tmp_path: Path, n: int = 24) -> Ratings:
    rng = np.random.default_rng(7)
    made = a_review(tmp_path, [a_pair(number) for number in range(n)], adjudicators=("dora",))
    truth = [
        ("reject", "approve", "win") if number % 3 == 0 else ("approve", "approve", "tie") if number % 3 == 1 else ("approve", "modify", "loss")
        for number in range(n)
    ]  # fmt: skip
    other = ("modify", "reject", "win")
    votes: dict[str, dict[int, Said]] = {
        name: {at: (one if rng.random() < 0.9 else other) for at, one in enumerate(truth)} for name in NAMES
    }  # fmt: skip
    for number, name, said in ((2, "alice", "win"), (2, "bob", "tie"), (2, "carol", "loss")):
        votes[name][number] = ("approve", ("approve", "modify", "reject")[NAMES.index(name)], said)
    return made.said(**votes, dora={}).merged()


def untrusted_ratings(tmp_path: Path) -> Ratings:
    """Ratings that decide nothing, of a review that was not blind, with names that want to be markup."""
    found = some_ratings(tmp_path)
    tell = Tell(name="headings", n=18, n_items=24, accuracy=0.94, message=HOSTILE_TEXT)
    blindness = RULES.blindness.model_copy(
        update={
            "label": Blindness.NOT_BLIND,
            "accuracy": 0.91,
            "low": 0.74,
            "high": 0.98,
            "n_pairs": 24,
            "tells": (tell,),
            "reason": HOSTILE_TEXT,
        }
    )
    bad = found.reviewers[0].model_copy(
        update={"is_excluded": True, "reason": "2 of 6 known answers right; 0.70 is asked for", "n_known": 6, "n_known_right": 2}
    )  # fmt: skip
    return found.model_copy(
        update={
            "release_id": HOSTILE_TEXT,
            "candidate_model": HOSTILE_TEXT * 4,
            "blindness": blindness,
            "reviewers": (bad, *found.reviewers[1:]),
            "problems": (HOSTILE_TEXT, "raters agree too little on actions"),
            "is_partial": True,
            "consensus_note": HOSTILE_TEXT,
        }
    )


def silent_ratings(tmp_path: Path) -> Ratings:
    """Ratings of a review in which one item was rated once."""
    made = a_review(tmp_path, [a_pair(0)], raters=("alice",))
    return made.said(alice={0: ("approve", "approve", "tie")}).merged()
