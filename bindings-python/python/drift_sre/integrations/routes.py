"""What a request is counted under: its method and route, of which there are few, and never its very path."""

from __future__ import annotations

import re

UNMATCHED = "(unmatched)"
"""Requests for what does not exist: whoever looks for holes must not fill the list of routes."""

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_SEGMENTS = 8
_KNOWN_LIMIT = 1024
_known: dict[str, str] = {}
# What has a digit or is long is most likely one of many: a number, a date, a token.
_VARIABLE = re.compile(r"[^/]*\d[^/]*|[^/]{33,}")


def name_of(method: str, route: str | None, path: str, status: str) -> str:
    """The name for a request. Without a known route it is made of the path."""
    if route is None:
        route = UNMATCHED if status[:3] == "404" else template(path)
    return f"{method if method in _METHODS else 'OTHER'} {route}"


def template(path: str) -> str:
    """The path with `{}` for what varies: `/users/{}` for `/users/17`."""
    known = _known.get(path)
    if known is None:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        known = _known[path] = _made_of(path)
    return known


def _made_of(path: str) -> str:
    return "/".join(_VARIABLE.sub("{}", path).split("/")[: _SEGMENTS + 1])
