"""Times of exports as ISO 8601 in UTC; what is no time stays as it is, so that it can be refused with its place."""

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH).total_seconds() * 1_000_000


def whole(value: object) -> int | None:
    """Return a whole number that may be written as text, or None.

    Examples:
        >>> whole("1760000000000000000"), whole(" 1"), whole(True), whole("9" * 30)
        (1760000000000000000, None, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and 0 < len(value) <= 19 and value.isascii() and value.isdigit():
        return int(value)
    return None


def of_nanoseconds(value: object) -> object:
    """Return the time of nanoseconds since 1970, cut to microseconds; 0 is no time.

    Examples:
        >>> of_nanoseconds("1760000000123456789")
        '2025-10-09T08:53:20.123456Z'
        >>> of_nanoseconds("soon"), of_nanoseconds("0")
        ('soon', None)
    """
    number = whole(value)
    if number is None:
        return value
    return of_microseconds(number // 1000) if number else None


def of_microseconds(number: float) -> object:
    """Return the time of microseconds since 1970; a number beyond the calendar as it is."""
    if not 0 <= number <= _LAST:
        return number
    return written(_EPOCH + timedelta(microseconds=int(number)))


def of_milliseconds(value: object) -> object:
    """Return the time of milliseconds since 1970."""
    number = whole(value)
    return value if number is None else of_microseconds(number * 1000)


def of_utc(value: object) -> object:
    """Return a written time; without a zone it is in UTC, because the tool that wrote it says so.

    Examples:
        >>> of_utc("2026-05-01 10:00:00.250000")
        '2026-05-01T10:00:00.250000Z'
    """
    moment = parsed(value)
    if moment is None:
        return value
    try:
        return written(in_zone(moment, UTC))
    except OverflowError:  # the first and the last day of the calendar, in another zone
        return value


def written(moment: datetime) -> str:
    """Return a time in UTC as hitl writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def parsed(value: object) -> datetime | None:
    """Return a time that is written as ISO 8601 with hours and minutes, or None."""
    if not isinstance(value, str) or not 16 <= len(value) <= 40:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a time in UTC, `zone` being the one of times that name none."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def milliseconds_between(start: object, end: object) -> float | None:
    """Return the time between two moments of this module, or None if either is none; negative if the clock is wrong."""
    first, last = parsed(start), parsed(end)
    if first is None or last is None or not (first.tzinfo and last.tzinfo):
        return None
    return (last - first) / timedelta(milliseconds=1)
