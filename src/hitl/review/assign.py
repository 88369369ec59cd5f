"""Who looks at what, and in which order: from keyed hashes alone, so that neither knows the arms."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from hitl.review.tokens import keyed


def assigned(
    sizes: Mapping[str, int], raters: Sequence[str], each: int, secret: bytes
) -> dict[str, frozenset[str]]:
    """Deal groups of items out to raters.

    Each group goes to those who have the least to do so far; among these to people who are not yet linked by an item
    that both look at, then to those who share the fewest. So loads differ by at most one group, every rater is
    compared with every other through common items as soon as there are items enough, and pairs of raters share about
    as many as other pairs do. Both outputs of a case that are shown one at a time are one group: a person judges both
    or neither, and how strict they are cancels.

    Args:
        sizes: number of items in each group.
        raters: reviewers to choose from.
        each: raters of each group, at most as many as there are.
        secret: of the review.

    Returns:
        the groups of each rater.
    """
    linked = {rater: rater for rater in raters}
    loads: Counter[str] = Counter()
    shared: Counter[frozenset[str]] = Counter()
    dealt: dict[str, set[str]] = {rater: set() for rater in raters}
    for group in sorted(sizes, key=lambda group: (-sizes[group], keyed(secret, "deal", group))):
        rank = {rater: keyed(secret, "deal", group, rater) for rater in raters}
        team: list[str] = []
        for _ in range(each):
            team.append(min((r for r in raters if r not in team), key=lambda r: (
                loads[r],
                any(linked[r] == linked[mate] for mate in team),
                sum(shared[frozenset((r, mate))] for mate in team),
                rank[r],
            )))  # fmt: skip
        _note(team, sizes[group], loads, shared)
        links = {linked[mate] for mate in team}
        linked = {rater: team[0] if link in links else link for rater, link in linked.items()}
        for mate in team:
            dealt[mate].add(group)
    return {rater: frozenset(groups) for rater, groups in dealt.items()}


def arranged(groups: Mapping[str, Sequence[str]], reviewer: str, secret: bytes) -> tuple[str, ...]:
    """Return the items of one reviewer in the order in which they see them.

    Items that share a group stand at least half the packet apart: the order is one of columns of two, first all upper
    ends and then all lower ends. Items that share their group with no other fill columns with one another, so that their
    place does not tell that they are alone.

    Args:
        groups: one or two item ids by group.
        reviewer: their hash.
        secret: of the review.
    """

    def ranked(items: Sequence[str]) -> list[str]:
        return sorted(items, key=lambda item: keyed(secret, "order", reviewer, item))

    alone = ranked([items[0] for items in groups.values() if len(items) == 1])
    pairs = [tuple(ranked(items)) for items in groups.values() if len(items) == 2]
    pairs += list(zip(alone[0::2], alone[1::2], strict=False))
    columns = sorted(pairs, key=lambda pair: keyed(secret, "column", reviewer, *pair))
    last = [(item,) for item in alone[len(alone) // 2 * 2 :]]  # an odd one has no lower end
    upper_and_lower = zip_longest(*columns, *last) if columns or last else iter(())
    return tuple(item for row in upper_and_lower for item in row if item is not None)


def _note(
    team: Sequence[str], size: int, loads: Counter[str], shared: Counter[frozenset[str]]
) -> None:
    for place, rater in enumerate(team):
        loads[rater] += size
        for mate in team[:place]:
            shared[frozenset((rater, mate))] += size
