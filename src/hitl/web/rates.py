"""How often somebody may do something."""

import threading
import time
from collections import deque

_MOST_KEYS = 10_000


class Rate:
    """At most so many in any stretch of so many seconds, for each key, on a clock that nobody sets."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._guard = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def wait(self, key: str) -> int:
        """Count one, and return 0; or return the whole seconds after which it would be accepted."""
        now = time.monotonic()
        with self._guard:
            if len(self._seen) >= _MOST_KEYS and key not in self._seen:
                self._forget(now)
            seen = self._seen.setdefault(key, deque())
            while seen and seen[0] <= now - self._seconds:
                seen.popleft()
            if len(seen) >= self._most:
                return max(1, round(seen[0] + self._seconds - now + 0.5))
            seen.append(now)
            return 0

    def _forget(self, now: float) -> None:
        """Forget who has been quiet; if everybody is busy, everybody, so that memory stays bounded."""
        quiet = [key for key, seen in self._seen.items() if not seen or seen[-1] <= now - self._seconds]  # fmt: skip
        for key in quiet or list(self._seen):
            del self._seen[key]
