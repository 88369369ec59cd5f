"""From a judge's answers to grades: repeats are averaged before anything else looks at them."""

from collections.abc import Sequence
from statistics import fmean, stdev

from hitl.score.expect.say import SHOWN
from hitl.score.judge.parse import JudgeReading
from hitl.score.judged import JudgeGrade


def grade_of(readings: Sequence[JudgeReading]) -> JudgeGrade:
    """Return the grade that all gradings of one reply amount to.

    The mean of those that hold a grade, and none where fewer than half do: a judge that cannot make up its
    answer most of the time has not answered.

    Raises:
        ValueError: there is no reading.

    Examples:
        >>> from hitl.score.judge.parse import parse_grade
        >>> answers = ['{"reasons": "Fine.", "grade": 4}', '{"reasons": "Good.", "grade": 5}', "4"]
        >>> grade_of([parse_grade(answer, (1, 5)) for answer in answers])
        JudgeGrade(mean=4.5, spread=0.7071067811865476, n_repeats=3, unscored=('not_json',), reasons='Fine.')
    """
    if not readings:
        raise ValueError("expected at least one reading")
    grades = [reading.grade for reading in readings if reading.grade is not None]
    unscored = tuple(reading.problem.value for reading in readings if reading.problem is not None)
    is_scored = 2 * len(grades) >= len(readings)
    lowest = min(
        (reading for reading in readings if reading.grade is not None),
        key=lambda reading: reading.grade or 0,
        default=None,
    )
    return JudgeGrade(
        mean=fmean(grades) if is_scored else None,
        spread=stdev(grades) if is_scored and len(grades) > 1 else None,
        n_repeats=len(readings),
        unscored=unscored,
        reasons=lowest.reasons[:SHOWN] if lowest is not None else "",
    )
