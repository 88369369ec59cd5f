"""The people of a review, by hash."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hitl.errors import UsageError
from hitl.review.folding import alike
from hitl.review.packed import Person
from hitl.review.parts import Invitation, Rules
from hitl.review.tokens import access_token, reviewer_hash
from hitl.review.words import Assignment, Role

SHORTEST_SECRET = 32
"""Bytes of a secret that nobody guesses."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What all names and draws of a review are keyed with."""

    lasting: bytes
    """The same in all reviews: a reviewer's hash stays theirs."""
    review: bytes
    """Of this review alone: tokens, items, order and sides of one review tell nothing of another's."""


def invited(people: Sequence[Person], secrets: Secrets) -> tuple[Invitation, ...]:
    """Return everybody's invitation, in the order of their hashes."""
    found = []
    for person in people:
        reviewer = reviewer_hash(secrets.lasting, person.name)
        token = access_token(secrets.review, reviewer)
        found.append(Invitation(name=person.name, reviewer=reviewer, role=person.role, token=token))
    return tuple(sorted(found, key=lambda invitation: invitation.reviewer))


def check_people(
    people: Sequence[Person], rules: Rules, secret: bytes, n_groups: int, n_known: int = 0
) -> None:
    """Refuse people who cannot do the review that is asked for.

    Args:
        people: everybody who takes part.
        rules: of the review.
        secret: that all is keyed with.
        n_groups: cases to deal out.
        n_known: items with a known answer, which every rater must get.

    Raises:
        UsageError: every problem.
    """
    if problems := [*_problems(people, rules, secret, n_groups, n_known)]:
        raise UsageError("\n".join(problems))


def _problems(
    people: Sequence[Person], rules: Rules, secret: bytes, n_groups: int, n_known: int
) -> Iterator[str]:
    if len(secret) < SHORTEST_SECRET:
        yield f"the secret of the review has {len(secret)} bytes; expected at least {SHORTEST_SECRET}"  # fmt: skip
    if any(not person.name.strip() for person in people):
        yield "a reviewer has no name; name each one"
    times = Counter(_spelt(person.name) for person in people)
    for name in sorted(name for name, n in times.items() if n > 1):
        yield f"{name} is named {times[name]} times; name each person once, as rater or as adjudicator"  # fmt: skip
    n_raters = sum(person.role is Role.RATER for person in people)
    if rules.raters > n_raters:
        yield f"{rules.raters} raters an item are asked for and there are {n_raters}; name {rules.raters - n_raters} more reviewers, or ask for fewer raters"  # fmt: skip
    elif rules.assignment is Assignment.FIXED and n_raters > n_groups * rules.raters:
        yield f"{n_raters} raters share {n_groups} cases with {rules.raters} raters each, so that {n_raters - n_groups * rules.raters} would have nothing to do; name fewer"  # fmt: skip
    elif rules.assignment is Assignment.OPEN and n_known and n_raters > rules.raters:
        yield f"items with a known answer must reach every rater, and with open assignment each item goes to {rules.raters} of {n_raters}; use --assign fixed, ask for {n_raters} raters an item, or leave --qualification out"  # fmt: skip


def _spelt(name: str) -> str:
    """Return a name without what nobody sees, and with letters that look alike as one."""
    plain = unicodedata.normalize("NFKC", alike(name))
    seen = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc"))
    return alike(" ".join(seen.split())).casefold()
