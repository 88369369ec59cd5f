"""The key that a user's program is given: it must be there, and no message may hold it."""

from collections.abc import Mapping

from hitl.manifest.release import ModelSpec
from hitl.run.model import CallError, Fault


def check_key(spec: ModelSpec, environment: Mapping[str, str]) -> None:
    """Look whether the key that a manifest names is there.

    Raises:
        CallError: it is not.
    """
    if spec.api_key_env and not environment.get(spec.api_key_env):
        raise CallError(
            Fault.UNAUTHORIZED,
            f"`{spec.id}`: the environment has no {spec.api_key_env}; set it, or leave `api_key_env` out",
        )


def hidden(text: str, spec: ModelSpec, environment: Mapping[str, str]) -> str:
    """Return text without the key, should a program have said it."""
    key = environment.get(spec.api_key_env or "")
    return text.replace(key, "***") if key else text
