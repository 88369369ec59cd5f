"""`python -m tests.loopback --port 8080 --settings server.json`: serve until terminated; the port is printed first."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.loopback.server import Settings, opened


async def serve(settings: Settings, port: int) -> None:
    runner, taken = await opened(settings, port)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    print(taken, flush=True)  # noqa: T201  # the caller reads it
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--settings", help="JSON file with the settings; - reads them from stdin")
    parser.add_argument("--table", help="JSON file with rows of answers")
    parser.add_argument("--latency-ms", type=float)
    given = parser.parse_args()
    text = "{}"
    if given.settings:
        text = sys.stdin.read() if given.settings == "-" else Path(given.settings).read_text()
    settings = json.loads(text)
    if given.table:
        settings["table"] = json.loads(Path(given.table).read_text())
    if given.latency_ms is not None:
        settings["latency_ms"] = given.latency_ms
    asyncio.run(serve(Settings(**settings), given.port))


if __name__ == "__main__":
    main()
