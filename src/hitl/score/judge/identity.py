"""Which judge it is: one id over all that decides how a judge grades."""

from hitl.digest import digest
from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec

PROMPT_VERSION = "1"
"""Raised with every change to what a judge is asked: certificates of the old prompt end with it."""
PARSER_VERSION = "1"
"""Raised with every change to how its answer is read."""


def judge_id(rubric_name: str, rubric: Rubric, model: ModelSpec, *, pairwise: bool) -> str:
    """Return the SHA-256 of everything that decides a grade: rubric, model, parameters, prompt and parser.

    Price, key and speed limits of the model are not part of it; a program, function or script
    stands in it as the manifest writes it.

    Raises:
        ValueError: a parameter has no canonical form, such as an integer of 2**53 or more.
    """
    return digest(
        {
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
