"""Which judge it is: one id over all that decides how a judge grades."""

from pathlib import Path

from hitl.digest import digest
from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.local.source import argv_digests, file_digest, module_digest

PROMPT_VERSION = "1"
"""Raised with every change to what a judge is asked: certificates of the old prompt end with it."""
PARSER_VERSION = "1"
"""Raised with every change to how its answer is read."""


def judge_id(
    rubric_name: str, rubric: Rubric, model: ModelSpec, *, pairwise: bool, folder: Path
) -> str:
    """Return the SHA-256 of everything that decides a grade: rubric, model, parameters, prompt and parser.

    Of a judge on this machine what stands in the program and in the files of its command, in the module of its
    function, or in its script is part of it; what these load is not. Price, key and speed limits are not either.

    Args:
        rubric_name: as the golden set calls it.
        rubric: text, version and scale.
        model: of the judge.
        pairwise: whether it compares two replies.
        folder: of the manifest, where programs, modules and scripts are looked for.

    Raises:
        ValueError: a parameter has no canonical form, such as an integer of 2**53 or more.
    """
    source = _source(model, folder)
    return digest(
        ({"source": source} if source else {})
        | {
            "rubric": {
                "name": rubric_name,
                "version": rubric.version,
                "text": rubric.text,
                "scale": list(rubric.scale),
            },
            "model": {
                "id": model.id,
                "provider": model.provider.value,
                "base_url": model.base_url,
                "params": model.params,
                "command": list(model.command) if model.command else None,
                "function": model.function,
                "script": model.script,
            },
            "prompt": PROMPT_VERSION,
            "parser": PARSER_VERSION,
            "mode": "pairwise" if pairwise else "grade",
        }
    )


def _source(model: ModelSpec, folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that answers, by the word that names it; none for an endpoint."""
    found = argv_digests(model.command, folder, {}) if model.command else {}
    if model.function:
        found[model.function] = module_digest(model.function, folder)
    if model.script:
        found[model.script] = file_digest(folder / model.script)
    return found


def answers_by_endpoint(model: ModelSpec) -> bool:
    """Say whether its answers come over HTTP, where nothing but the name in them tells who gave them."""
    return model.provider in (Provider.OPENAI, Provider.ANTHROPIC)
