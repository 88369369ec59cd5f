"""Which family a model is of: a judge favours its own."""

import re

FAMILIES = {
    "gpt": "openai",
    "chatgpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "openai": "openai",
    "claude": "anthropic",
    "anthropic": "anthropic",
    "gemini": "google",
    "gemma": "google",
    "llama": "llama",
    "mistral": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "codestral": "mistral",
    "qwen": "qwen",
    "qwq": "qwen",
    "deepseek": "deepseek",
    "phi": "phi",
    "command": "cohere",
    "cohere": "cohere",
    "grok": "grok",
}
"""Family by the word that a model id holds; other ids are a family by their first word."""


def family_of(model: str) -> str:
    """Return the family of a model id.

    The part behind the last slash is looked at first: hosts serve models of other houses.

    >>> family_of("azure/gpt-4o-2024-08-06"), family_of("meta-llama/Llama-3.1-8B"), family_of("atlas-2026")
    ('openai', 'llama', 'atlas')
    """
    parts = [part for part in reversed(model.lower().split("/")) if part]
    words = [re.findall(r"[a-z]+\d?(?![a-z])|[a-z]+", part) for part in parts]
    for word in (word for found in words for word in found):
        for name in (word, word.rstrip("0123456789")):
            if name in FAMILIES:
                return FAMILIES[name]
    return next((found[0] for found in words if found), model.lower())
