"""Whatever a client sends, the server answers as its OpenAPI document says, with and without keys.

``DRIFT_SRE`` names the program; ``EXAMPLES`` is how many requests each operation gets, few if it is not told.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAM = os.environ.get("DRIFT_SRE", str(HERE.parents[1] / "target/debug/drift-sre"))
KEY = "0123456789abcdef"


@pytest.mark.parametrize("key", [None, KEY], ids=["open", "keyed"])
def test_every_answer_is_as_the_document_says(tmp_path, key):
    environment = {"API_PORT": "0", "DATABASE_PATH": str(tmp_path / "contract.db"), "DRIFT_SRE_LOG": "warn"}
    if key:
        environment["DRIFT_SRE_API_KEY"] = key
    log = tmp_path / "log"
    with log.open("w") as stderr, subprocess.Popen(
        [PROGRAM, "serve"], env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as server:
        try:
            ready = server.stdout.readline()
            assert "is ready: http://" in ready, log.read_text()
            run = probe(ready.split()[-1], key, tmp_path)
        finally:
            server.kill()
    assert run.returncode == 0, run.stdout[-20_000:]
    assert " 500" not in log.read_text()


def probe(url, key, folder):
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    options = ["--checks", "all", "--max-examples", os.environ.get("EXAMPLES", "8"), "--request-timeout", "10"]
    options += ["--continue-on-failure", "--no-color", "--seed", "1"]
    if key:
        options += ["--header", f"Authorization: Bearer {key}"]
    command = [sys.executable, "-m", "schemathesis.cli", *config, "run", f"{url}/openapi.json", *options]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "near", "PYTHONPATH": str(HERE)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800, check=False
    )
