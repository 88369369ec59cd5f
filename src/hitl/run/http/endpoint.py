"""What the settings of an HTTP endpoint must hold before a call is made."""

from collections.abc import Iterable

from yarl import URL

from hitl.digest import canonical
from hitl.manifest.release import ModelSpec

_LONGEST_SHOWN = 100


def base_of(spec: ModelSpec, default: str) -> URL:
    """Return where a model's endpoint is.

    Raises:
        ValueError: `base_url` is no http(s) address, has a host or a port that cannot be, or goes on after its path.
    """
    text = (spec.base_url or default).strip().rstrip("/")
    base = _address(text)
    if base is None:
        shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
        raise ValueError(
            f"base_url {shown!r} is no address; expected one such as http://localhost:8000/v1"
        )
    if base.query_string or base.fragment:
        raise ValueError(
            "base_url holds `?` or `#`; end it with its path, such as http://localhost:8000/v1"
        )
    return base


def _address(text: str) -> URL | None:
    """Return an address that a call can be made to; yarl takes hosts that no look-up does."""
    if " " in text or not text.isprintable():
        return None
    try:
        base = URL(text)
        host, port = base.host or "", base.port
        _ = host.encode("idna")
    except ValueError:
        return None
    return base if base.scheme in ("http", "https") and host and port else None


def check_params(spec: ModelSpec, reserved: Iterable[str]) -> None:
    """Find parameters that hitl sets itself, or whose answers it cannot use.

    Raises:
        ValueError: which one, and what to write instead.
    """
    for name in sorted({"model", "messages", *reserved} & set(spec.params)):
        raise ValueError(f"params.{name}: hitl sets it itself; leave it out of `params`")
    if spec.params.get("stream"):
        raise ValueError("params.stream: calls are read whole; leave it out of `params`")
    if spec.params.get("n", 1) != 1:
        raise ValueError("params.n: one call gives one reply; use `repeats` in the manifest")


def endpoint_name(spec: ModelSpec, base: URL) -> str:
    """Return provider, address, model and parameters as one text without secrets.

    Raises:
        ValueError: a parameter has no canonical form, such as a whole number of 2**53 or more.
    """
    about = {
        "provider": spec.provider.value,
        "base_url": str(base),
        "model": spec.id,
        "params": spec.params,
    }
    return canonical(about).decode()
