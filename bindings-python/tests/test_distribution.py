"""What the installed package says of itself."""

from __future__ import annotations

import re
from importlib import metadata


def test_the_extra_wants_the_server_of_the_same_version():
    wanted = [re.split(" *; *", each) for each in metadata.requires("drift-sre") or () if "drift-sre-server" in each]
    ((server, condition),) = wanted
    assert server.replace(" ", "") == f"drift-sre-server=={metadata.version('drift-sre')}"
    assert re.fullmatch(r"extra == ['\"]server['\"]", condition)


def test_the_program_s_name_is_left_to_the_server():
    scripts = {each.name for each in metadata.distribution("drift-sre").entry_points if each.group == "console_scripts"}
    assert scripts == {"drift-sre-watch"}
