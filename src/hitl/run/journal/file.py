"""The journal of a live run: every reply on disk the moment it is there, and no call made twice.

JSON lines, only ever appended to, each with a checksum of its own bytes. A line is written as soon as its reply is
there, so that a killed process loses the calls in flight and nothing else; a thread asks the disk to keep it within
100 ms, so that a power cut loses no more than that. A line that was torn at the end of the file is cut off when the
journal is opened again. Damage anywhere else is an error that names the line.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from hitl.errors import DocumentError, EvidenceError, Mistake, UsageError
from hitl.run.journal.disk import SteadySync
from hitl.run.journal.line import Header, ProbeLine
from hitl.run.reply import Reply

_NO_JOURNAL = "not a journal of hitl; move the file away or choose another --out"
_EDITED = "its checksum fits, but hitl did not write it so: the journal was edited, or two were joined; put the journals of several parts together with --merge, or start over with --fresh"
_MOST_USD = 1e9
"""No run costs more; a larger amount was not written by hitl."""
_TORN_HEADER = b'{"format":"hitl/journal/v1"'
_MARK = b',"sum":"'
_SUM = 16
_LONGEST_HEADER = 1 << 20
_TAIL = len(_MARK) + _SUM + len(b'"}')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply stands in the file, and what must be known of it without reading it again."""

    lane: str
    case_id: str
    repeat: int
    start: int
    length: int
    is_error: bool
    resolved_model: str | None
    at: str | None
    charged: float
    """USD, failed attempts included."""


class Journal:
    """A run's replies by the key of the call that they answer. One process writes at a time."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        """What was frozen when it was begun."""
        self.wanted = header
        """What is asked now."""
        self.places: dict[str, Place] = {}
        self.probes: list[ProbeLine] = []
        self.replaced = {"failed": 0, "answered": 0}
        """Replies that a later line of the same call took the place of, by what they were."""
        self.charged = 0.0
        """USD that the journaled calls cost, their failed attempts included."""
        self.ceiling = 0.0
        """USD that may have been spent when the last ceiling was written."""
        self.cut = 0
        """Bytes of a torn last line that were cut off."""
        self._file = -1
        self._end = 0
        self._sync: SteadySync | None = None

    @property
    def spent(self) -> float:
        """Most that may have been spent so far: calls that a crash cut off count in full."""
        return max(self.charged, self.ceiling)

    @property
    def charged_for_kept(self) -> float:
        """USD that the replies in account and the probes cost."""
        probes = sum(probe.charged for probe in self.probes)
        return probes + sum(place.charged for place in self.places.values())

    def __enter__(self) -> Self:
        refuse_irregular(self.path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise UsageError(
                f"{self.path}: cannot be written ({error.strerror}); choose another folder with --out"
            ) from error
        try:
            lock(self._file, self.path)
            self._read()
        except BaseException:
            os.close(self._file)
            raise
        self._sync = SteadySync(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._sync is not None:
                self._sync.close()
        except OSError as failure:
            if kind is None:
                raise self._unwritten(failure) from failure
        finally:
            os.close(self._file)

    def keep(self, key: str, lane: str, reply: Reply, charged: float) -> None:
        """Write a reply down.

        Raises:
            EvidenceError: the disk is full or gone.
        """
        body = Reply.__pydantic_serializer__.to_json(reply, exclude_unset=True, exclude_none=True)
        head = f'{{"key":"{key}","lane":"{lane}","charged":{charged:.9f},"reply":'.encode()
        start = self._end + len(head)
        self._write(head + body)
        self.charged += charged
        self.places[key] = Place(
            lane,
            reply.case_id,
            reply.repeat,
            start,
            len(body),
            reply.is_error,
            reply.resolved_model,
            reply.at.isoformat() if reply.at else None,
            charged,
        )

    def keep_probe(self, probe: ProbeLine) -> None:
        """Write down what a probe found."""
        self._write(b'{"probe":' + probe.model_dump_json(exclude_defaults=True).encode())
        self.probes.append(probe)
        self.charged += probe.charged

    def keep_ceiling(self, usd: float) -> None:
        """Write down how much may have been spent at most, before it can be."""
        self._write(f'{{"ceiling":{usd:.9f}'.encode())
        self.ceiling = usd

    def keep_golden_set(self, sha256: str) -> None:
        """Write down that replies were taken in which were asked when the golden set was another one."""
        self._write(f'{{"earlier_golden_set":"{sha256}"'.encode())
        self._take_golden_set(sha256)

    def forget(self, key: str) -> None:
        """Leave a reply out of account from now on; its line stays, and a later one takes its place."""
        before = self.places.pop(key)
        self.replaced["failed" if before.is_error else "answered"] += 1

    def reply(self, key: str) -> Reply:
        """Return one reply."""
        place = self.places[key]
        content = os.pread(self._file, place.length, place.start)
        try:
            return Reply.model_validate_json(content)
        except ValidationError as error:
            where = f"the reply of the {place.lane} arm to case {place.case_id}"
            raise DocumentError([Mistake(str(self.path), 0, where, _EDITED)]) from error

    def replies(self, lane: str, order: Mapping[str, int]) -> Iterator[Reply]:
        """Yield the replies of one lane by the position of their case and their repeat."""
        found = [(order[p.case_id], p.repeat, key) for key, p in self.places.items() if p.lane == lane and p.case_id in order]  # fmt: skip
        for _, _, key in sorted(found):
            yield self.reply(key)

    def _write(self, start: bytes) -> None:
        line = start + _MARK + _checksum(start) + b'"}\n'
        try:
            written = os.write(self._file, line)
            while written < len(line):
                written += os.write(self._file, line[written:])
            if self._sync is not None:
                self._sync.note()
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._end)  # half a line would spoil the next one
            raise self._unwritten(error) from error
        self._end += len(line)

    def _unwritten(self, error: OSError) -> EvidenceError:
        return EvidenceError(
            f"{self.path}: cannot be written ({error.strerror}); every reply before this one is kept: make room and run the same command again"
        )

    def _read(self) -> None:
        size = os.fstat(self._file).st_size
        if size == 0:
            self._write(self.header.model_dump_json().encode()[:-1])
            return
        bad: list[Mistake] = []
        good_end, number, line = 0, 0, b""
        with os.fdopen(os.dup(self._file), "rb") as stream:
            stream.seek(0)
            for number, line in enumerate(stream, start=1):
                problem = self._take(line, number)
                if problem:
                    bad.append(Mistake(str(self.path), number, "", problem))
                elif bad:
                    raise DocumentError(bad)
                self._end += len(line)
                good_end = good_end if bad else self._end
        if number == 1 and bad and line.startswith(_TORN_HEADER) and not line.endswith(b"\n"):
            os.ftruncate(self._file, 0)
            self._end = 0
            self._write(self.header.model_dump_json().encode()[:-1])
            return
        if number == len(bad):
            raise DocumentError(
                [Mistake(str(self.path), 1, "", _NO_JOURNAL)]
            )  # fmt: skip
        if bad:
            self.cut = self._end - good_end
            os.ftruncate(self._file, good_end)
            self._end = good_end

    def _take(self, line: bytes, number: int) -> str:
        """Take one line in; return what is wrong with it, or nothing."""
        start = line[: -_TAIL - 1]
        if line[-1:] != b"\n" or line[-_TAIL - 1 :] != _MARK + _checksum(start) + b'"}\n':
            return "the checksum does not fit: the line was torn, edited or damaged; take it out to have its call made again"
        if number == 1:
            return self._check_header(start + b"}")
        try:
            self._take_value(json.loads(line), start)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            raise DocumentError([Mistake(str(self.path), number, "", _EDITED)]) from None
        return ""

    def _take_value(self, value: dict[str, object], start: bytes) -> None:
        """Take in what a line says; any error of reading it means that hitl did not write it."""
        if "reply" in value:
            self._take_reply(value, start)
        elif "probe" in value:
            self.probes.append(ProbeLine.model_validate_json(json.dumps(value["probe"])))
            self.charged += self.probes[-1].charged
        elif "earlier_golden_set" in value:
            self._take_golden_set(str(value["earlier_golden_set"]))
        else:
            self.ceiling = _usd(value["ceiling"])

    def _take_golden_set(self, sha256: str) -> None:
        self.header = self.header.model_copy(update={"golden_set": sha256})

    def _take_reply(self, value: dict[str, object], start: bytes) -> None:
        reply = value["reply"]
        key, lane, charged = value["key"], value["lane"], _usd(value["charged"])
        if not isinstance(reply, dict):
            raise TypeError("no reply")
        if (at := reply.get("at")) is not None and datetime.fromisoformat(at).tzinfo is None:
            raise ValueError("a time without a zone")
        head = start.index(b'"reply":') + len(b'"reply":')
        self.charged += charged
        if (before := self.places.get(str(key))) is not None:
            self.replaced["failed" if before.is_error else "answered"] += 1
        self.places[str(key)] = Place(
            str(lane), str(reply["case_id"]), int(reply.get("repeat", 0)), self._end + head, len(start) - head,
            "error" in reply or reply.get("finish") == "error", reply.get("resolved_model"), at, charged,
        )  # fmt: skip

    def _check_header(self, content: bytes) -> str:
        try:
            found = Header.model_validate_json(content)
        except ValidationError:
            return "not the header of a journal that this version reads; start over with --fresh"
        changed = sorted(name for name in found.settings.keys() | self.header.settings.keys() if found.settings.get(name) != self.header.settings.get(name))  # fmt: skip
        if found.release_id != self.header.release_id:
            changed.append(f"release_id ({found.release_id} then, {self.header.release_id} now)")
        if found.shard != self.header.shard:
            changed.append(
                f"shard ({found.shard or 'none'} then, {self.header.shard or 'none'} now)"
            )
        if changed:
            raise UsageError(changed_message(self.path, changed))
        self.header = found
        return ""


def refuse_irregular(path: Path) -> None:
    """Refuse a folder, a pipe or a device where a journal is to stand: reading one may never end.

    Raises:
        UsageError: something is there, and no regular file.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a regular file; move it away or choose another --out")


def lock(file: int, path: Path) -> None:
    """Take an open journal for this process alone.

    Raises:
        UsageError: another process has it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(
            f"{path}: another run is writing this journal; wait for it, or split the work with --shard"
        ) from error


def read_header(path: Path) -> Header:
    """Return the first line of a journal.

    Raises:
        DocumentError: it is not the header of a journal.
        UsageError: it cannot be read.
    """
    refuse_irregular(path)
    try:
        with path.open("rb") as stream:
            line = stream.readline(_LONGEST_HEADER)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name the journal of a part") from error  # fmt: skip
    start = line[: -_TAIL - 1]
    try:
        return Header.model_validate_json(start + b"}")
    except ValidationError as error:
        raise DocumentError([Mistake(str(path), 1, "", _NO_JOURNAL)]) from error


def changed_message(path: Path, changed: list[str]) -> str:
    """Say what changed since a run began, and what can be done."""
    return (
        f"{path}: the inputs changed since this run began: {'; '.join(changed)}. Nothing was asked. "
        "Undo the change to resume, or start over with --fresh, which keeps the old journal beside the new one"
    )


def _usd(value: object) -> float:
    if isinstance(value, int | float) and 0 <= value <= _MOST_USD:
        return float(value)
    raise ValueError(f"{value} is no amount")


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:_SUM].encode()
