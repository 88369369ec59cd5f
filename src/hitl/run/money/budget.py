"""The accountant of a live run: money is set aside before a call is made, so that the cap holds whatever the answers cost."""

import asyncio
import math

_UNITS_PER_USD = 10**12
"""Money is counted in whole millionths of a millionth, so that sums are exact."""


class BudgetSpent(Exception):  # noqa: N818  # a stop that was asked for
    """The next call could exceed the cap, whatever the open calls turn out to cost."""

    def __init__(self, spent: float, cap: float) -> None:
        self.spent = spent
        """USD that are spent, open calls not counted."""
        self.cap = cap
        super().__init__(f"{spent:.6f} of {cap:g} USD are spent, and the next call could exceed it")


class Budget:
    """What a run may spend and has spent, in USD; belongs to one event loop.

    Whatever is set aside together with what is spent stays within the cap, so the cap holds as long as no call
    costs more than its worst case. A call is refused once what is already spent leaves no room for it, and
    from then on every call is: a run that lacks one answer is not whole, and the rest would be money for nothing.
    Who waits, waits for an open reservation, so settle each one, in a `finally`.
    """

    def __init__(self, cap: float | None, spent: float = 0.0) -> None:
        self.cap = cap
        self._cap = None if cap is None else _units(cap)
        self._spent = _units(spent)
        self._reserved = 0
        self._is_over = False
        self._change = asyncio.Event()

    @property
    def spent(self) -> float:
        """USD that settled calls cost."""
        return self._spent / _UNITS_PER_USD

    @property
    def reserved(self) -> float:
        """USD that open calls may cost at most."""
        return self._reserved / _UNITS_PER_USD

    @property
    def ceiling(self) -> float:
        """USD that will be spent at most if no further call is made."""
        return (self._spent + self._reserved) / _UNITS_PER_USD

    async def reserve(self, worst: float) -> None:
        """Set aside the worst case of a call, once there is room for it.

        Raises:
            BudgetSpent: no open call can free enough room, or another call was refused before.
        """
        need = _units(worst)
        while not self._has_room(need):
            await self._change.wait()
        self._reserved += need

    def settle(self, worst: float, actual: float) -> None:
        """Close a reservation: it cost `actual` USD, and what is left of `worst` is free again.

        Raises:
            ValueError: more would be settled than is reserved.
        """
        back, cost = _units(worst), _units(actual)
        if back > self._reserved:
            raise ValueError(f"{worst} USD were never set aside; settle what was reserved, once")
        self._reserved -= back
        self._spent += cost
        self._wake()

    def _has_room(self, need: int) -> bool:
        if self.cap is None or self._cap is None:
            return True
        if self._is_over or need > self._cap - self._spent:
            self._is_over = True
            self._wake()
            raise BudgetSpent(self.spent, self.cap)
        return need <= self._cap - self._spent - self._reserved

    def _wake(self) -> None:
        if self._cap is not None:
            self._change.set()
            self._change = asyncio.Event()


def _units(usd: float) -> int:
    if not math.isfinite(usd) or usd < 0:
        raise ValueError(f"{usd} is no amount of money; expected USD, 0 or more")
    return round(usd * _UNITS_PER_USD)
