"""Small words that the sentences of an explanation share: lists, places, what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explain.agreement import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubectl_hosts.model.origin import Origin

_SHOWN = 3
_DNS_PODS = "the DNS pod's own /etc/resolv.conf"


def listed(items: Iterable[str], *, shown: int = _SHOWN) -> str:
    """`a`, `a and b`, `a, b and c`; `a, b, c and 5 more` beyond SHOWN (and one)."""
    words = tuple(items)
    if len(words) > shown + 1:
        words = (*words[:shown], f"{len(words) - shown} more")
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def addresses_in_words(addresses: Sequence[str]) -> str:
    """Addresses as `listed`, each once."""
    return listed(plain(addresses))


def bare(name: str) -> str:
    """An absolute name as people write it in prose: without the final dot, the root excepted."""
    return name.removesuffix(".") or name


def in_corefile(origin: Origin) -> str:
    """` (kube-system/coredns, line 9)`, as much of it as is known."""
    place = [origin.object] if origin.object else ["the Corefile"]
    if origin.line:
        place.append(f"line {origin.line}")
    return f" ({', '.join(place)})"


def upstream_servers(origin: Origin) -> str:
    """` (192.0.2.53)`: the servers that a `forward` names, "" where they are not known."""
    servers = origin.field.split()[2:]
    words = (_DNS_PODS if each == "/etc/resolv.conf" else each for each in servers)
    return f" ({listed(words)})" if servers else ""


def alias_field(origin: Origin) -> str:
    """`hostAliases[0]` from the field path `spec.hostAliases[0]`."""
    return origin.field.removeprefix("spec.") or "hostAliases"
