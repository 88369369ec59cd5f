"""A packet for a reviewer who gets no server: one HTML file that loads nothing and sends nothing.

It draws the items as the server does, keeps what is said in the browser, and signs the same ballot with the reviewer's token.
Style and script stand in the file and are named by their digests in its content security policy; nothing else may run. What
hides until it is asked for, the stated confidence, is in the file and can be found by whoever reads its source.
"""

from markupsafe import Markup

from hitl.render.paper import style_hash
from hitl.render.review.page import STYLE, review_paper, script, shown_item
from hitl.review.parts import Packet, PacketRef

SCRIPT = script("keys.js", "canonical.js", "signing.js", "draft.js", "offline.js")


def offline_page(packet: Packet, ref: PacketRef, idle_seconds: float) -> str:
    """Return the file; each packet gives the same bytes every time.

    Args:
        packet: what the reviewer is shown.
        ref: how the plan knows them: by the digests of packet and token.
        idle_seconds: longest pause that counts as work.
    """
    shown = [shown_item(item, packet.mode, None) for item in packet.items]
    return _ENVIRONMENT.get_template("review_offline.html.jinja").render(
        packet=packet,
        ref=ref,
        idle_seconds=idle_seconds,
        shown=shown,
        any_pair=any(len(one.sides) == 2 for one in shown),
        style=Markup(STYLE),  # noqa: S704  # a file of this package
        script=Markup(SCRIPT),  # noqa: S704  # a file of this package
        style_hash=style_hash(STYLE),
        script_hash=style_hash(SCRIPT),
    )


_ENVIRONMENT = review_paper()
