"""What the user typed as the NAME to explain: what was meant, what is refused, what is asked.

A URL and `host:port` mean their host. Everything else is asked as it stands, or refused before
anything runs: labels of letters, digits, `-` and `_` (RFC 1035 2.3.4, RFC 1123 2.1, RFC 2782), or
an IP address as inet_pton(3) reads it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.addresses import inet_pton

# RFC 1035 2.3.4, in text without the final dot: 255 octets on the wire.
_LONGEST_NAME = 253
# Letters, digits and hyphens (RFC 1123 2.1), `_port._proto` (RFC 2782), `*` (RFC 4592 2.1.1).
_OTHER_THAN_LABELS = re.compile(r"[^A-Za-z0-9_*.-]")
# RFC 3986 3: schemes (several in a JDBC URL), user and password, host (IPv6 in brackets), port.
_SCHEMES = r"(?:[A-Za-z][A-Za-z0-9+.-]*:)+"
_HOST = re.compile(
    r"(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9_.-]+))(?::(?:[0-9]{1,5}|[A-Za-z][\w-]*)?)?"
)
# MongoDB, Kafka and PostgreSQL take several hosts with commas between them.
_HOSTS = rf"(?P<hosts>{_HOST.pattern}(?:,{_HOST.pattern})*)"
_URLS = tuple(
    re.compile(form, re.DOTALL)
    for form in (
        # gRPC's name syntax has the host in the path: dns:[//authority/]host[:port].
        rf"(?:[a-z]+\+)?dns:(?://[^/]*/)?{_HOSTS}",
        rf"{_SCHEMES}//(?:[^/?#]*@)?{_HOSTS}(?:[/?#].*)?",
        rf"(?://|[^/?#@\s]*@)+{_HOSTS}(?:[/?#]\S*)?",
    )
)
# Without a port NAME/NAME is none of these: a mistyped TYPE/NAME, or an address with its prefix.
_LISTS = (re.compile(rf"{_HOSTS}/?"), re.compile(r"(?P<hosts>[A-Za-z0-9_.-]+:[0-9]{1,5})/\S*"))
_SERVICE_NAME = re.compile(r"_[^.]+\._(tcp|udp|sctp)\.", re.IGNORECASE)
ADDRESS_TYPES = frozenset({"", "A", "AAAA"})
"""The types that the C library is asked for; "" is both."""


class NamesAsked(NamedTuple):
    """What names are asked for, and how."""

    names: tuple[str, ...]
    type: str = ""
    """`A`, `AAAA`, `SRV`, ...; "" for the addresses of both families."""
    in_brief: bool = False
    """Whether the cause and what helps are enough: then no nameserver is asked for what the objects
    and the C library explain, and names outside the cluster stay unknown."""


class Meant(NamedTuple):
    """The names that were meant, and what to tell the user where they are not what stood there."""

    names: tuple[str, ...]
    note: str = ""


def names_meant(typed: str) -> Meant:
    """The hosts of a URL, of `host:port`, of a list; else TYPED. Raises BadInput as `check_name`.

    The note has nothing of the URL but its hosts: a password may stand in it.
    """
    if is_address(typed):
        return Meant((typed,))
    for form in (*_URLS, *_LISTS):
        found = form.fullmatch(typed)
        hosts = _HOST.findall(found["hosts"]) if found else []
        names = tuple(dict.fromkeys(address or host for address, host in hosts))
        if names and names != (typed,):
            where = " of the URL" if form in _URLS else " alone"
            words = "one by one" if len(names) > 1 else f"the host{where}"
            return Meant(
                tuple(map(check_name, names)), f"Explaining {' and '.join(names)}, {words}"
            )
    return Meant((check_name(typed),))


def check_name(name: str) -> str:
    """NAME as it is: relative, absolute (final dot), `_port._proto.svc`, or an IP address.

    Raises BadInput for all else, with what was meant where that can be told.
    """
    if _is_address(name):
        return name
    fault = _fault(name)
    if fault:
        raise BadInput(f"invalid name {_quoted(name)}: {fault}", hint=_hint(name))
    return name


def type_asked(name: str, given: str) -> str:
    """The type asked for; `_port._proto.name` means SRV unless the user says otherwise."""
    return given or ("SRV" if _SERVICE_NAME.match(name) else "")


def is_for_libc(name: str, given: str) -> bool:
    """Whether the C library is asked: for addresses of names, not for other types or reverse."""
    return type_asked(name, given) in ADDRESS_TYPES and not is_address(name)


def is_address(name: str) -> bool:
    """Whether NAME is an IP address, to be looked up in reverse."""
    return inet_pton(name.partition("%")[0]) is not None


def _is_address(name: str) -> bool:
    _, percent, zone = name.partition("%")
    zone_is_fine = bool(re.fullmatch(r"[A-Za-z0-9_.-]+", zone)) if percent else True
    return zone_is_fine and is_address(name)


def _fault(name: str) -> str:
    """What is wrong with NAME as text of labels and dots, "" when nothing is."""
    if not name:
        return "it is empty"
    if not name.isascii():
        return "it has characters outside ASCII, which C libraries send to DNS as they are"
    strange = _OTHER_THAN_LABELS.search(name)
    if strange:
        return f"it has {_described(strange.group())}"
    if name.startswith("-"):
        return 'it begins with "-"'
    return _fault_of_labels(name.removesuffix("."))


def _fault_of_labels(relative: str) -> str:
    labels = relative.split(".")
    if not all(labels):
        return "it has an empty label (two dots together, or nothing but a dot)"
    if len(relative) > _LONGEST_NAME:
        return f"it has {len(relative)} bytes, a DNS name has at most {_LONGEST_NAME}"
    # A label of more than 63 octets is no DNS name, but a pod may be called so: what the resolver
    # makes of it is the answer.
    return ""


_WORDS = {" ": "a space", "\n": "a line break", "\r": "a line break", "\t": "a tab", '"': "a quote"}


def _described(character: str) -> str:
    if character in _WORDS:
        return _WORDS[character]
    return f'"{character}"' if character.isprintable() else "a control character"


def _quoted(name: str) -> str:
    """NAME as one printable line, cut where it is long, without a URL's user and password."""
    name = re.sub(r"//[^/?#]*@", "//***@", name)
    shown = name if len(name) <= 80 else f"{name[:77]}..."
    escaped = shown.encode("unicode_escape").decode() if not shown.isprintable() else shown
    return f'"{escaped}"'


def _hint(name: str) -> str:
    full = ".".join(filter(None, name.split(".")))
    if full != name.removesuffix(".") and full and not _fault(full):
        return f"Explain {full}; what stood between the dots may be a variable that is not set."
    if "{{" in name:
        return "A template of Helm: `helm template` prints the name that it makes."
    if "$(" in name or "${" in name:
        return "A variable: explain its value."
    if "/" in name:
        return "NAME is what an application looks up; --from takes POD or TYPE/NAME."
    bare = name.strip(" \t\r\n\"',;<>[]()")
    if bare != name and bare and not _fault(bare):
        return f"Explain {bare}; what stands around it is no part of a name."
    punycode = "" if name.isascii() else _punycode(name)
    written = f"In DNS it is written {punycode}" if punycode else ""
    return (
        written
        or "A name is labels of letters, digits, - and _, with dots between, or an IP address."
    )


def _punycode(name: str) -> str:
    """The form of RFC 5891 that a browser would ask for, "" where there is none."""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def is_near(one: str, other: str) -> bool:
    """Whether one slip of the hand makes ONE of OTHER: a character more, less, other, or swapped.

    `_` for `-` is one however often; names of up to two characters are near to nothing.
    """
    if one.replace("_", "-") == other:
        return True
    if min(len(one), len(other)) < 3 or abs(len(one) - len(other)) > 1:
        return False
    same = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    rest, tail = one[same:], other[same:]
    return (
        rest[1:] == tail[1:]
        or rest[1:] == tail
        or rest == tail[1:]
        or (rest[:2] == tail[1::-1] and rest[2:] == tail[2:])
    )
