"""Engines that need libraries of their own, loaded when a log asks for them."""

from importlib import import_module
from types import ModuleType

from hitl.errors import UsageError


def load(module: str, extra: str, needed_for: str) -> ModuleType:
    """Return a module of this room that needs an extra.

    Raises:
        UsageError: the extra is not installed; says how to install it.
    """
    try:
        return import_module(f"hitl.decisions.sql.{module}")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "hitl":
            raise
        raise UsageError(
            f"{needed_for} needs {error.name}, which is not installed; "
            f"pip install 'hitl-gate[{extra}]' (in a checkout: pip install '.[{extra}]')"
        ) from error
