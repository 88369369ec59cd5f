"""What a server's own metadata says about the model behind a name."""

from yarl import URL

from hitl.run.http.foreign_json import Fields, fields, items, text_of
from hitl.run.http.wire import Wire

_LONGEST = 200


async def identity_behind(wire: Wire, base: URL, model: str) -> str | None:
    """Ask vLLM's, llama.cpp's and Ollama's ways in turn; None where no server has metadata.

    What is returned is one line of at most 200 characters, without control characters and without the key.

    Args:
        wire: The session with the endpoint.
        base: Its API root, such as `http://localhost:8000/v1`.
        model: The name that was asked for.
    """
    found = _served_root(fields(await wire.look(base / "models")), model)
    if found is None:
        found = _model_file(fields(await wire.look(base.origin() / "props")))
    if found is None:
        found = _ollama_digest(fields(await wire.look(base.origin() / "api" / "tags")), model)
    return found[:_LONGEST] if found is not None and found.isprintable() else None


def _served_root(listing: Fields, model: str) -> str | None:
    """Return vLLM's `root`: the weights that are served under a name."""
    for entry in map(fields, items(listing.get("data"))):
        root = text_of(entry.get("root"))
        if entry.get("id") == model and root != model:
            return root
    return None


def _model_file(properties: Fields) -> str | None:
    """Return the file that llama.cpp has loaded."""
    path = text_of(properties.get("model_path"))
    return path.replace("\\", "/").rsplit("/", 1)[-1] or None if path else None


def _ollama_digest(listing: Fields, model: str) -> str | None:
    """Return the name with the digest of the weights."""
    for entry in map(fields, items(listing.get("models"))):
        digest = text_of(entry.get("digest"))
        if entry.get("name") in (model, f"{model}:latest") and digest:
            return f"{entry['name']}@sha256:{digest.removeprefix('sha256:')[:12]}"
    return None
