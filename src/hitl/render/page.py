"""The release record as one HTML page that needs nothing else, loads nothing and runs nothing."""

import json

from jinja2 import Environment

from hitl.document.schema import Json
from hitl.gate.verdict_words import State
from hitl.record.parts import MeasurePart, SliceResult
from hitl.record.release import ReleaseRecord
from hitl.render import numbers, people
from hitl.render.arms import arm_facts, asked_arms, kinds
from hitl.render.cases import case_table, verdict_title
from hitl.render.chart import (
    WIDTH,
    difference_picture,
    difference_scale,
    ratio_picture,
    ratio_scale,
)
from hitl.render.forecast import lines as forecast_lines
from hitl.render.forecast import table as forecast_table
from hitl.render.forecast import words as forecast_words
from hitl.render.forecast.chart import HEIGHT as DAY_HEIGHT
from hitl.render.forecast.chart import WIDTH as DAY_WIDTH
from hitl.render.forecast.chart import days
from hitl.render.judges import layer_cost, short_id, shows_cascade, spent
from hitl.render.paper import paper, style_hash
from hitl.render.text import brief
from hitl.render.words import (
    authority_effect,
    authority_word,
    can_stop,
    last_good,
    next_steps,
    said,
)

MOST_NAMES = 60
"""Case ids in one list; the record has them all."""
MOST_ROWS = 200
"""Rows of any table but the failed cases, and slices of all subsets together; the record has them all."""
MOST_JUDGES = 40
MOST_PROBLEMS = 10
"""Things that a certificate lacks, of one judge."""


def render_page(record: ReleaseRecord) -> str:
    """Return `index.html`: self-contained, no script, and every text of a model escaped."""
    style = _ENVIRONMENT.get_template("style.css.jinja").render()
    scale = difference_scale(record.subsets)
    ratios = ratio_scale(record.measures.values())
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        record=record,
        style_hash=style_hash(style),
        table=case_table(record.failures),
        glance=glance(record),
        pictures={subset.id: difference_picture(subset, scale) for subset in record.subsets},
        ratios={name: ratio_picture(name, part, ratios) for name, part in record.measures.items()},
        slices=_shown_slices(record),
        forecast_first=forecast_words.is_shown_first(record.forecast),
        days=days(record.forecast) if record.forecast else (),
        facts=arm_facts(record),
        asked_arms=asked_arms(record),
        has_cascade=shows_cascade(record),
        steps=next_steps(record),
        last_good=last_good(record),
        rollout=_rollout(record),
        rollback_when=_rollback_when(record),
        description=_plain(record.manifest.get("description")),
    )


def glance(record: ReleaseRecord) -> tuple[tuple[str, str, str], ...]:
    """Return quality beside cost, speed and length, so that cheaper and worse is seen at once.

    Quality is counts of subsets and of cases, never a score over all of them.
    """
    gating = [subset for subset in record.subsets if can_stop(subset.authority)]
    held = sum(subset.state is State.PASS for subset in gating)
    lost = numbers.counted(sum(subset.regressed for subset in gating), "case")
    gained = f"{sum(subset.improved for subset in gating):,} gained"
    n_cases = sum(subset.n_cases for subset in gating)
    quality = (
        "Subsets that can stop the release",
        f"{held:,} of {len(gating):,} pass",
        f"{lost} lost, {gained}, n = {n_cases:,}",
    )
    return (quality, *(_card(name, part) for name, part in record.measures.items()))


def _shown_slices(record: ReleaseRecord) -> dict[str, list[SliceResult]]:
    """Return the slices on the page by the id of their subset; of too many, the regressed ones first."""
    every = [(subset.id, part) for subset in record.subsets for part in subset.slices]
    every.sort(key=lambda row: not row[1].regressed)
    shown: dict[str, list[SliceResult]] = {subset.id: [] for subset in record.subsets}
    for subset_id, part in every[:MOST_ROWS]:
        shown[subset_id].append(part)
    return shown


def _card(name: str, part: MeasurePart) -> tuple[str, str, str]:
    if part.ratio is None:
        return (numbers.measure_name(name), numbers.UNKNOWN, f"not measured, n = {part.n_cases:,}")
    interval = f"{numbers.ratio_range(part.ratio)}, n = {part.ratio.n:,}"
    return (numbers.measure_name(name), numbers.ratio(part.ratio.estimate), interval)


def _rollback_when(record: ReleaseRecord) -> str:
    rule = record.manifest.get("rollback_rule")
    return _plain(rule.get("when")) if isinstance(rule, dict) else ""


def _rollout(record: ReleaseRecord) -> str:
    scope = record.manifest.get("rollout_scope")
    if not isinstance(scope, dict):
        return ""
    share = scope.get("percent")
    parts = [_plain(scope.get("kind")).replace("_", " ")]
    parts += [f"{share:g} %"] if isinstance(share, int | float) else []
    return ", ".join(filter(None, [*parts, _plain(scope.get("workflows"))]))


def _plain(value: Json) -> str:
    """Return a JSON value as a person would write it in one line."""
    match value:
        case None:
            return ""
        case str():
            return brief(value, 600)
        case dict():
            return ", ".join(
                f"{key} {_plain(item)}" for key, item in value.items() if item not in (None, [], {})
            )
        case list():
            return ", ".join(_plain(item) for item in value)
        case _:
            return brief(json.dumps(value, ensure_ascii=False), 600)


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(
        numbers=numbers,
        width=WIDTH,
        most_names=MOST_NAMES,
        most_rows=MOST_ROWS,
        most_judges=MOST_JUDGES,
        most_problems=MOST_PROBLEMS,
        authority_effect=authority_effect,
        foretold=forecast_words,
        people=people,
        forecast_table=forecast_table,
        forecast_lines=forecast_lines,
        day_width=DAY_WIDTH,
        day_height=DAY_HEIGHT,
    )
    environment.filters.update(
        brief=brief,
        authority_word=authority_word,
        count=numbers.count,
        kinds=kinds,
        layer_cost=layer_cost,
        percent=numbers.percent,
        plain=_plain,
        said=said,
        points=numbers.points,
        p_value=numbers.p_value,
        short_id=short_id,
        spent=spent,
        verdict_title=verdict_title,
    )
    return environment


_ENVIRONMENT = _environment()
