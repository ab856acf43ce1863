"""The README's and the docs' Python runs as printed, and does what its comments say."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from drift_sre import DriftMonitor

ROOT = Path(__file__).parents[2]
PAGES = ("docs/integration.md", "docs/records.md", "docs/from-river.md", "docs/from-drift.md")


def blocks(name):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.DOTALL | re.MULTILINE)


def run(source):
    """The block's names and what it printed. Its monitors are stopped, whatever it does."""
    namespace, printed = {"__name__": "readme"}, io.StringIO()
    try:
        with redirect_stdout(printed):
            exec(source, namespace)
    finally:
        if isinstance(namespace.get("monitor"), DriftMonitor):
            namespace["monitor"].stop()
    return namespace, printed.getvalue()


def readme_block(holding, name="README.md"):
    (block,) = (block for block in blocks(name) if holding in block)
    return block


@pytest.mark.parametrize(
    "source",
    [block for name in ("README.md", *PAGES) for block in blocks(name)],
    ids=lambda source: source.strip().splitlines()[-1],
)
def test_every_block_runs(source):
    run(source)


def test_monitor_block_prints_a_line_a_metric():
    _, printed = run(readme_block("add_metric"))
    names = [line.split()[0] for line in printed.splitlines()]
    assert names == ["cpu", "ram", "disk_io", "network", "load", "socket_errors", "queue"]


@pytest.mark.parametrize(
    ("name", "holding"),
    [
        ("README.md", "monitor.observe"),
        ("README.md", "update_many"),
        ("docs/integration.md", "Correlator"),
        ("docs/integration.md", "monitor.watch"),
        ("docs/from-river.md", "detector"),
        ("docs/records.md", "RecordMonitor"),
    ],
)
def test_blocks_print_what_their_comments_say(name, holding):
    source = readme_block(holding, name)
    _, printed = run(source)
    promised = re.findall(r"print\(.*\)  # (.*)", source)
    assert promised
    assert printed.splitlines() == promised


def test_flask_block_serves_the_status():
    namespace, _ = run(readme_block("from flask"))
    # It starts with the first request.
    with namespace["monitor"]:
        answer = namespace["app"].test_client().get("/drift")
    assert answer.status_code == 200
    assert answer.get_json()["cpu"]["unit"] == "%"


def test_fastapi_block_starts_and_stops_with_the_application():
    namespace, _ = run(readme_block("from fastapi"))
    monitor = namespace["monitor"]
    with TestClient(namespace["app"]) as client:
        assert monitor.is_running
        assert client.get("/drift").json() == []
    assert not monitor.is_running


def test_parameter_table_lists_every_parameter_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+|all six) \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    code = DriftMonitor.__init__.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    defaults = {**dict(zip(names, DriftMonitor.__init__.__defaults__)), **DriftMonitor.__init__.__kwdefaults__}
    for name in names:
        documented = rows[name]
        if name == "metrics":
            assert documented == "all six"
        else:
            assert eval(documented) == defaults[name], name
