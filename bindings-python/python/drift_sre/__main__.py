"""`python -m drift_sre`: watches this machine in the terminal and says when it drifts."""

from __future__ import annotations

import argparse
import os
import sys

from .metrics import HOST_METRICS
from .monitor import DriftMonitor
from .watch import EventLines, JsonLines, Terminal, View, watch

_MIN_SAMPLES = 30


def main(arguments: list[str] | None = None) -> int:
    """Runs the watch; the answer is the exit code: 0, or 1 if a drift was seen and that is to count as failure."""
    parser = _parser()
    options = parser.parse_args(arguments)
    server_url = options.server_url or os.environ.get("DRIFT_SRE_SERVER_URL") or None
    try:
        monitor = DriftMonitor(
            discord_url=options.discord_url or os.environ.get("DRIFT_SRE_DISCORD_URL") or None,
            metrics=options.metrics,
            interval=options.interval,
            min_samples=_MIN_SAMPLES,
            server_url=server_url,
            api_key=os.environ.get("DRIFT_SRE_API_KEY") or None if server_url else None,
        )
    except ValueError as error:
        parser.error(str(error))
    with monitor:
        drifted = watch(monitor, _view(as_json=options.json), options.interval, options.duration)
    return 1 if drifted and options.fail_on_drift else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m drift_sre", description="Watches this machine and says when it drifts."
    )
    parser.add_argument(
        "--metrics",
        type=lambda text: [name.strip() for name in text.split(",")],
        metavar="NAMES",
        help=f"comma-separated, from {', '.join(HOST_METRICS)} (default: all)",
    )
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS", help="between samples (default: 1)")
    parser.add_argument(
        "--duration", type=_seconds, metavar="SECONDS", help="how long to watch (default: until Ctrl-C)"
    )
    parser.add_argument(
        "--discord-url",
        metavar="URL",
        help="webhook to notify (default: the environment's DRIFT_SRE_DISCORD_URL)",
    )
    parser.add_argument(
        "--server-url",
        metavar="URL",
        help="drift-sre server to send the samples to (default: the environment's DRIFT_SRE_SERVER_URL); "
        "its key is taken from DRIFT_SRE_API_KEY",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line: status at every interval, events")
    parser.add_argument("--fail-on-drift", action="store_true", help="exit with 1 if a drift was seen")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds, got {text}")
    return seconds


def _view(*, as_json: bool) -> View:
    if as_json:
        return JsonLines(sys.stdout)
    return Terminal(sys.stdout, _MIN_SAMPLES) if sys.stdout.isatty() else EventLines(sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
