"""Which words and tools count as acting, and which only look."""

from pydantic import Field

from hitl.document.schema import Document

ACTION_WORDS = (
    "apply", "approve", "block", "cancel", "charge", "close", "delete", "deploy", "disable", "drain", "drop",
    "enable", "evict", "execute", "failover", "flush", "kill", "merge", "migrate", "patch", "pay", "promote",
    "purge", "reboot", "recreate", "refund", "reinstall", "remove", "reset", "resize", "restart", "restore",
    "retry", "revoke", "rollback", "rotate", "scale", "shutdown", "stop", "terminate", "transfer", "truncate",
    "uninstall", "update", "upgrade", "write",
)  # fmt: skip
"""Verbs that change something when a person or an agent follows them."""

NEGATIONS = (
    "avoid",
    "don't",
    "do not",
    "must not",
    "never",
    "no",
    "not",
    "should not",
    "without",
)
"""Words just before an action word that turn a step into advice against acting."""

READ_ONLY_TOOLS = ("calculate", "check_*", "describe_*", "fetch_*", "find_*", "get_*", "inspect_*", "list_*",
                   "lookup_*", "query_*", "read_*", "search_*", "show_*", "think", "view_*")  # fmt: skip
"""Name patterns (`*` stands for anything) of tools that change nothing."""


class PosturePolicy(Document):
    """Word and tool lists behind `posture` and `read_only`; each list replaces the built-in one."""

    action_words: tuple[str, ...] = ACTION_WORDS
    """Verbs that act, in their base form; -s, -ed and -ing forms are found too."""
    negations: tuple[str, ...] = NEGATIONS
    """Words that, standing up to three words before an action word, make it no action."""
    read_only_tools: tuple[str, ...] = READ_ONLY_TOOLS
    """Tools that only look; every other tool acts."""
    action_tools: tuple[str, ...] = Field(default=())
    """Tools that act even though their name looks read-only."""
