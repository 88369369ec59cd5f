"""What the machinery of a provider leaves in a text: ids, and the marks of its chat template. RE2, on text as it stands.

They name no model, and yet tell whose it is to whoever knows them. An id of a kind that anybody may write, such as
`call_center`, counts by its length only.
"""

IDS = (
    r"\btoolu_(?:bdrk_|vrtx_)?[A-Za-z0-9]{2,64}\b",
    r"\bfp_[0-9a-f]{10}\b",
    r"\b(?:chat)?cmpl-(?:tool-)?[A-Za-z0-9]{6,64}\b",
    r"\bmsg_(?:bdrk_|vrtx_)?01[A-Za-z0-9]{20,64}\b",
    r"\b(?:call|asst|thread|run|msg|resp|rs|fc|req)_[A-Za-z0-9]{20,64}\b",
)
"""Ids of calls, replies and back ends."""

MARKERS = (
    r"<[|｜][A-Za-z][\w▁ .-]{1,40}[|｜]?>|<[a-z]{3,12}\|>",
    r"\[/?INST\]|<</?SYS>>|\[/?(?:TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|SYSTEM_PROMPT)\]",
    r"</?(?:start|end)_of_turn>|</?(?:think|antThinking|function_calls|tool_call|tool_response)>",
    r"</?(?:antArtifact|grok:)[^<>\n]{0,300}>",
    r"【\d{1,4}(?::\d{1,4})?†[^】\n]{0,80}】|(?:\bcite)?turn\d{1,3}(?:search|news|view|image|file)\d{1,3}\b",
    r"\bmulti_tool_use\.parallel\b|\bsandbox:/[m]nt/data\b",
)
"""Beginnings and ends of turns, thoughts and calls, and citations as one provider writes them."""
