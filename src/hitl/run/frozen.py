"""What is frozen when a run begins: everything that decides what is asked and what is kept of the answers."""

from collections.abc import Mapping

from hitl.digest import digest, digest_bytes
from hitl.manifest.release import ReleaseManifest
from hitl.run.lane import Lane


def frozen_settings(
    manifest: ReleaseManifest, lanes: Mapping[str, Lane], redaction: str
) -> dict[str, str]:
    """Return the digest of each setting that must not change between the sessions of a run, by name.

    What is asked in each case is frozen by the keys of the calls themselves.

    Args:
        manifest: the release.
        lanes: the arms that are asked.
        redaction: digest of the redaction rules.
    """
    arms = {f"{name}_model": digest_bytes(lane.model.endpoint.encode()) for name, lane in lanes.items()}  # fmt: skip
    return arms | {
        "repeats": digest(manifest.repeats),
        "limits.max_turns": digest(manifest.limits.max_turns),
        "redaction": digest([manifest.store_raw, redaction]),
    }
