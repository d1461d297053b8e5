"""IP addresses as C libraries and Go read them from text: inet_pton(3), inet_aton(3), netip."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

InetAddress = IPv4Address | IPv6Address


class Family(Enum):
    """The address family a program asks getaddrinfo(3) for."""

    __hash__ = object.__hash__  # as that of Outcome

    UNSPEC = "AF_UNSPEC"
    INET = "AF_INET"
    INET6 = "AF_INET6"

    def admits(self, address: InetAddress) -> bool:
        """Whether an address of this version can be in the answer."""
        return self is Family.UNSPEC or (self is Family.INET) == (address.version == 4)


# strtoul(3) with base 0, as inet_aton(3) describes: decimal, 0octal, 0xhexadecimal.
_NUMBER = re.compile(r"(?:0[xX](?P<hex>[0-9a-fA-F]+)|(?P<octal>0[0-7]*)|(?P<decimal>[1-9][0-9]*))")
# By count of parts: the widest value of the last one; inet_aton(3) "a.b.c.d", "a.b.c", "a.b", "a".
_LAST_PART = {1: 0xFFFFFFFF, 2: 0xFFFFFF, 3: 0xFFFF, 4: 0xFF}


@lru_cache(maxsize=4096)  # a cluster's objects name the same few again and again
def inet_pton(text: str) -> InetAddress | None:
    """An address in the strict form: four decimal octets without leading zeros, or RFC 4291 text.

    As glibc's inet_pton(3) takes it; a zone (`fe80::1%eth0`) is refused.
    """
    if "%" in text:
        return None
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except ValueError:
        return None


def inet_aton(text: str) -> IPv4Address | None:
    """An IPv4 address of one to four parts, octal and hexadecimal too: man inet_aton."""
    if not text[:1].isdigit():  # most of what is asked is a name
        return None
    parts = text.split(".")
    values = [_number(part) for part in parts]
    last_part = _LAST_PART.get(len(parts))
    if last_part is None:
        return None
    total = 0
    for position, value in enumerate(values):
        is_last = position == len(values) - 1
        if value is None or value > (last_part if is_last else 0xFF):
            return None
        total += value if is_last else value << (24 - 8 * position)
    return IPv4Address(total)


def _number(part: str) -> int | None:
    found = _NUMBER.fullmatch(part)
    if found is None:
        return None
    if found["hex"] is not None:
        return int(found["hex"], 16)
    return int(part, 8 if found["octal"] is not None else 10)


def parse_zoned(text: str) -> InetAddress | None:
    """RFC 4007 11: as inet_pton, and an IPv6 address may carry `%zone`; Go netip.ParseAddr."""
    if "%" not in text:
        return inet_pton(text)
    try:
        return IPv6Address(text)
    except ValueError:
        return None


def musl_literal(text: str) -> InetAddress | None:
    """A literal to musl, lookup_ipliteral.c: inet_aton first, then IPv6 with a zone."""
    return inet_aton(text) or (parse_zoned(text) if ":" in text else None)


def unmapped(address: InetAddress) -> InetAddress:
    """The IPv4 address that an IPv6 one is a mapped form of (RFC 4291 2.5.5.2), else ADDRESS."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def address_text(address: InetAddress) -> str:
    """The address as inet_ntop(3) writes it: RFC 5952, a mapped one as `::ffff:192.0.2.1`."""
    plain = unmapped(address)
    return str(address) if plain is address else f"::ffff:{plain}"
