"""Go's durations, as `--request-timeout` takes them.

Source: client-go tools/clientcmd/overrides.go ParseTimeout; Go time.ParseDuration.
"""

from __future__ import annotations

import re

from kubectl_hosts.errors import BadInput

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"


def parse_request_timeout(text: str) -> float | None:
    """Seconds, None for no limit; a bare number is seconds. Raises BadInput in kubectl's words."""
    if text.isascii() and text.isdecimal():
        return float(text) or None
    parts = re.findall(_PART, text)
    if not parts or "".join(number + unit for number, unit in parts) != text.lstrip("+"):
        raise BadInput(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer "
            "followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
            hint="--request-timeout=0 waits without a limit.",
        )
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) or None
