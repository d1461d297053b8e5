"""kubectl's connection flags, as values: what the user typed, before any file is read.

Cheap to import: shell completion and `--help` need the names, not the network.

Sources: client-go tools/clientcmd/overrides.go (the flags; ParseTimeout), Go time.ParseDuration.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_hosts.errors import BadInput

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
# Go counts nanoseconds in 64 bits.
_LONGEST_TIMEOUT = 2.0**63 / 1e9


class ConnectionFlags(NamedTuple):
    """The flags of `kubectl options` that choose the server, the user and the namespace.

    "" (or (), or False) is a flag that was not given. Fields are the flags' names, but for `--as`,
    which Python keeps for itself; see `flag_name`.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    username: str = ""
    password: str = ""
    as_user: str = ""
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: tuple[str, ...] = ()
    """`KEY=VALUE`, repeatable (kubectl 1.35; earlier ones have it in kubeconfig only)."""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure_skip_tls_verify: bool = False
    """`=false` does not undo a kubeconfig's true (client_config.go getCluster)."""
    tls_server_name: str = ""
    request_timeout: str = "0"
    """`5` (seconds), `5s`, `2m`, `0` for none."""
    transport: str = "auto"
    """How commands are run in containers: `api`, `kubectl`, or `auto` (api, then kubectl)."""


# Fields that are not called like their flags.
_OTHERWISE = {"as_user": "as", "as_groups": "as-group"}


def flag_name(field: str) -> str:
    """The flag that fills FIELD, as kubectl spells it: `as-user-extra`."""
    return _OTHERWISE.get(field, field.replace("_", "-"))


def kubectl_flags(flags: ConnectionFlags) -> list[str]:
    """The connection flags that were given, as kubectl spells them.

    Whoever runs it gives the namespace with the object, and --transport is ours.
    """
    given = []
    for field, value in flags._replace(namespace="", transport="")._asdict().items():
        values = value if isinstance(value, tuple) else (value,)
        said = ("true" if each is True else each for each in values if each)
        given += [f"--{flag_name(field)}={each}" for each in said]
    return given


def parse_request_timeout(text: str) -> float | None:
    """Seconds, None for no limit; a bare number is seconds. Raises BadInput in kubectl's words."""
    import re  # noqa: PLC0415

    # No time has so many digits, and to look for one in a million takes hours.
    parts = re.findall(_PART, text, re.ASCII) if len(text) < 1000 else []
    if text.isascii() and text.isdecimal():
        parts = [(text, "s")]
    elif not parts or "".join(number + unit for number, unit in parts) != text.lstrip("+"):
        raise _no_timeout()
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _LONGEST_TIMEOUT:
        raise _no_timeout()
    return seconds or None


def _no_timeout() -> BadInput:
    return BadInput(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer "
        "followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
        hint="--request-timeout=0 waits without a limit.",
    )
