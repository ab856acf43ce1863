"""Secrets are nowhere but where they were put, and every line of the log is one line, whatever clients send."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import Figures
from hostile_hook import Hook
from served import RefusedError, Server
from workload import QUICK, observations, send_all

KEY = "canary-KEY-9f8e7d6c5b4a"
WRONG = "canary-WRONG-1a2b3c4d5e"
TOKEN = "canary-TOKEN-0011223344"
SIGNING = "canary-SIGNING-5566778899"
SECRETS = (KEY, WRONG, TOKEN, SIGNING)
LONGEST_LINE = 8 << 10
HOSTILE = (
    "a\r\nb: injected",
    "a\x1b[31mred\x1b]0;title\x07",
    "a\u2028b\u2029c",
    "a\x85b\x9bc",
    "a\x00b",
    '{"level":"ERROR","message":"forged"}',
    "\u202egnp.exe",
    "x" * (1 << 20),
)


def found(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def breaks(line: str) -> str | None:
    """What is wrong with a line of the log."""
    try:
        whole = isinstance(json.loads(line), dict)
    except ValueError:
        whole = False
    if not whole:
        return "no JSON object"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in line):
        return "a character that controls"
    return "too long" if len(line.encode(errors="surrogateescape")) > LONGEST_LINE else None


def test_no_secret_is_told_and_no_line_forged(binary: Path, folder: Path, figures: Figures) -> None:
    told: list[str] = []
    with Hook(lambda: (500, 0.0)) as hook:
        secrets = {"DRIFT_SRE_API_KEY": KEY, "WEBHOOK_SECRET": SIGNING, "DRIFT_SRE_LOG": "trace"}
        settings = {**QUICK, **hook.settings(f"/hooks/{TOKEN}?token={TOKEN}"), **secrets}
        server = Server(binary, folder, settings).start()
        with server.client(KEY) as client, server.client(WRONG) as wrong:
            for one in [client, wrong]:
                for name in HOSTILE:
                    body = {"service_id": name, "latency_ms": 1, "payload_kb": 1}
                    answers = [
                        one.post("/v1/telemetry", body),
                        one.post("/v1/telemetry/batch", [body]),
                        one.post("/v1/metrics", {"source": name, "samples": [{"metric": name, "value": 1}]}),
                        one.post("/v1/telemetry", body, idempotency_key=quote(name[:64])),
                        one.get(f"/v1/health/{quote(name[:4000], safe='')}"),
                        one.get(f"/v1/events?service_id={quote(name[:4000], safe='')}&api_key={WRONG}"),
                        one.call(quote(name[:8], safe="").replace("%", ""), "/v1/telemetry"),
                    ]
                    told += [f"{answer.headers} {answer.body.decode()}" for answer in answers]
            send_all(client, observations("svc", 44, 1))
            deadline = time.monotonic() + 20
            while not hook.deliveries and time.monotonic() < deadline:
                time.sleep(0.02)
            while not (status := client.get("/v1/system/status").json())["destinations"][0]["failed"]:
                assert time.monotonic() < deadline, "no failure of the webhook was noticed"
                time.sleep(0.02)
            told += [json.dumps(status), client.get("/metrics").body.decode()]
        assert server.stop() == 0
    lines = list(server.log_lines())
    bad = [(why, line[:200]) for line in lines if (why := breaks(line))]
    sinks = {
        "answers": "\n".join(told),
        "log": "\n".join(lines),
        "database": "".join(path.read_bytes().decode("latin-1") for path in server.database.parent.iterdir()),
        "alerts": json.dumps([delivery.body for delivery in hook.deliveries]),
    }
    leaks = {name: found(text) for name, text in sinks.items()}
    figures(
        "canaries",
        secrets=len(SECRETS),
        answers=len(told),
        log_lines=len(lines),
        occurrences=sum(map(len, leaks.values())),
        lines_that_are_none=len(bad),
    )
    assert not any(leaks.values()), leaks
    assert lines and not bad, bad[:5]
    # What is looked for can be found: the address that alerts were sent to holds the token.
    assert found(hook.deliveries[0].path) == [TOKEN]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", sinks["answers"].replace("\\n", ""))


@pytest.mark.parametrize(
    "settings",
    [
        {"WEBHOOK_URL": f"http://example.com/{TOKEN}"},
        {"WEBHOOK_URL": f"https://user:{TOKEN}@127.0.0.1/"},
        {"DISCORD_WEBHOOK_URL": f"https://discord.com/{TOKEN}"},
        {"WEBHOOK_SECRET": SIGNING},
        {"DRIFT_SRE_API_KEY": "canary-KEY-9f8e7d6c5b4a with a space"},
    ],
)
def test_a_refused_setting_is_not_shown(settings: dict[str, str], binary: Path, folder: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        Server(binary, folder, settings).start()
    assert not found(str(refused.value))
