"""Why an act of a reviewer is not done: in words for the reviewer, with the HTTP status that says the same.

RefusedError          the root
├── NoSuchItemError   404  not among this reviewer's items
├── LockedError       409  the votes are final
├── ClosedError       409  voting has ended
├── TakenError        409  others have taken the places of an item's raters
├── StaleError        409  another window has saved meanwhile
└── UnfitError        422  something is missing or wrong in what was sent
"""

from hitl.errors import HitlError
from hitl.review.votes import Vote
from hitl.web.store.votes import Standing


class RefusedError(HitlError):
    """An act was not done; nothing of it is kept."""

    status = 409

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class NoSuchItemError(RefusedError):
    """The item is not one of this reviewer's."""

    status = 404

    def __init__(self) -> None:
        super().__init__("there is no such item among yours; go on with the next one of your list")


class LockedError(RefusedError):
    """The reviewer's votes are final."""

    def __init__(self) -> None:
        super().__init__(
            "your votes are locked and signed; they cannot be changed, nor can new ones be added"
        )


class ClosedError(RefusedError):
    """Voting has ended, for this reviewer or for all."""


class TakenError(RefusedError):
    """The item cannot be voted on by this reviewer now."""


class StaleError(RefusedError):
    """What was sent is older than what was saved last."""

    def __init__(self, standing: Standing, sent: Vote) -> None:
        self.standing = standing
        self.sent = sent
        super().__init__(
            "another window of yours has changed this item since this one opened it: what it saved is kept,"
            " and what you sent is in the form but not saved; save again to put it in its place"
        )


class UnfitError(RefusedError):
    """What was sent is incomplete or contradicts itself."""

    status = 422
