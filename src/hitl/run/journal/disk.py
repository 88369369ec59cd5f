"""Asking the disk to keep what was written, in batches."""

import os
import threading

LONGEST_S = 0.1
"""Longest that written bytes wait for the disk, in seconds."""


class SteadySync:
    """Calls fsync on a file from a thread of its own, once for all that was written within 100 ms."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._noted = threading.Event()
        self._is_over = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="journal-sync")
        self._thread.start()

    def note(self) -> None:
        """Say that something was written.

        Raises:
            OSError: the disk refused an earlier batch.
        """
        if self._failure is not None:
            raise self._failure
        self._noted.set()

    def close(self) -> None:
        """Wait until everything is kept.

        Raises:
            OSError: the disk refused.
        """
        self._is_over.set()
        self._noted.set()
        self._thread.join()
        if self._failure is not None:  # Linux tells an error of the disk once
            raise self._failure
        os.fsync(self._file)

    def _work(self) -> None:
        while not self._is_over.is_set():
            self._noted.wait()
            self._is_over.wait(LONGEST_S / 2)  # lets a batch gather; an fsync takes its own time
            self._noted.clear()
            try:
                os.fsync(self._file)
            except OSError as error:
                self._failure = error
                return
