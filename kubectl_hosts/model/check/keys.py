"""What the name of a variable, a flag or a setting says of its value: a host, or surely none.

`REDIS_ADDR`, `--upstream-url`, `spring.datasource.hostName` are taken apart into words; the last
word decides, as it does for a reader (`DB_HOST` is a host, `DB_HOST_NAME_PREFIX` is not).
"""

from __future__ import annotations

import re
from enum import Enum

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Says(Enum):
    """What a key says of its value."""

    HOST = "host"
    """It is a host, whether one of that name exists or not."""
    LOCATION = "location"
    """It holds a host, with a port or a path; a bare word may be the kind of it (`memory`)."""
    OPEN = "open"
    """Nothing: an object of that name has to exist."""
    OTHER = "other"
    """Something else: only a URL, or a name of the cluster by its form, counts."""
    PATTERN = "pattern"
    """What clients may say or what is left out: never looked up."""


_HOST = frozenset(
    {"host", "hosts", "hostname", "hostnames", "addr", "addrs", "address", "addresses"}
    | {"server", "servers", "endpoint", "endpoints", "broker", "brokers", "seeds", "peers"}
    | {"upstream", "upstreams"}
)
_LOCATION = frozenset(
    {"url", "urls", "uri", "uris", "dsn", "proxy", "backend", "backends", "bootstrap", "connect"}
    | {"connection", "seed", "peer", "target", "targets"}
)
_OTHER = frozenset(
    {"user", "username", "password", "passwd", "pass", "pwd", "secret", "token", "key", "keys"}
    | {"name", "names", "database", "db", "schema", "namespace", "namespaces", "image", "images"}
    | {"version", "tag", "level", "mode", "type", "class", "path", "paths", "dir", "directory"}
    | {"file", "files", "group", "groups", "role", "topic", "topics", "queue", "bucket", "index"}
    | {"env", "environment", "profile", "profiles", "id", "region", "zone", "label", "labels"}
    | {"port", "ports", "timeout", "interval", "size", "count", "protocol", "scheme", "driver"}
    | {"dialect", "format", "lang", "locale", "tz", "title", "description", "prefix", "suffix"}
    | {"method", "realm", "tenant", "application", "app", "job", "owner", "from", "interface"}
    | {"algorithm", "policy", "strategy", "release", "chart", "component", "tier", "kind"}
    | {"email", "mail", "subject", "issuer", "audience", "metric", "metrics", "selector", "text"}
    | {"annotation", "annotations", "tags", "enabled", "logger", "logging", "package", "plugin"}
    | {"process", "container", "account", "domain", "suffixes", "provider", "store", "storage"}
)
# Somewhere in the key: names that a server answers to, or that bypass a proxy.
_PATTERN = frozenset({"allowed", "virtual", "trusted", "cors", "origin", "origins", "cookie"})
_IMAGE = frozenset({"image", "images", "registry", "repository"})
# A digit or the kind of list behind the word that decides: `BROKER_LIST`, `peersList`.
_LIST = frozenset({"list", "string", "csv"})


def says_of_value(key: str) -> Says:
    """What KEY (`REDIS_ADDR`, `--db.hostName`, `servers`; "" for none) says of its value."""
    words = [each.lower() for each in _WORD.findall(key)]
    while words and words[-1] in _LIST:
        words.pop()
    if not words:
        return Says.OPEN
    if _PATTERN.intersection(words) or words[-2:] == ["no", "proxy"]:
        return Says.PATTERN
    if _IMAGE.intersection(words) and words[-1] not in {"host", "addr", "address"}:
        return Says.OTHER
    if words[-2:] == ["service", "name"]:
        return Says.OPEN
    return _by_last_word(words[-1])


def _by_last_word(word: str) -> Says:
    for known, says in ((_OTHER, Says.OTHER), (_LOCATION, Says.LOCATION), (_HOST, Says.HOST)):
        if word in known:
            return says
    return Says.OPEN
