"""The forms that names and addresses must have: why a value is none, "" where it is one.

k8s.io/apimachinery pkg/util/validation (IsDNS1123Label, IsDNS1123Subdomain, IsDNS1035Label,
IsQualifiedName, IsValidLabelValue, IsValidPortName, IsConfigMapKey, IsEnvVarName) and IsValidIP of
k8s.io/apimachinery pkg/util/validation/ip.go. The long explanations are cut to what must be done.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_ALNUM = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_IS_LABEL = re.compile(_LABEL)
_IS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_IS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_UNDERSCORED = r"[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?"
_IS_UNDERSCORED = re.compile(rf"{_UNDERSCORED}(\.{_UNDERSCORED})*")
_IS_NAME = re.compile(_ALNUM)
_QUAD = re.compile(r"0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})")

_LOCAL_MULTICAST = (IPv4Network("224.0.0.0/24"), IPv6Network("ff02::/16"))

NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def why_no_label(value: str) -> str:
    """Why VALUE is no RFC 1123 label, as hostname and subdomain must be."""
    if "." in value:
        return "must not contain dots"
    return _why(value, _IS_LABEL, LONGEST_LABEL, "a lowercase RFC 1123 label")


def why_no_1035_label(value: str) -> str:
    """Why VALUE is no RFC 1035 label, as a Service's name must be."""
    return _why(value, _IS_1035_LABEL, LONGEST_LABEL, "a DNS-1035 label that starts with a letter")


def why_no_subdomain(value: str) -> str:
    """Why VALUE is no RFC 1123 subdomain: 253 characters, no limit on each label."""
    return _why(value, _IS_SUBDOMAIN, LONGEST_SUBDOMAIN, "a lowercase RFC 1123 subdomain")


def why_no_search_domain(value: str) -> str:
    """Why VALUE is no search domain of dnsConfig: a final dot and underscores are taken."""
    if value == ".":
        return ""
    named = value.removesuffix(".")
    return _why(named, _IS_UNDERSCORED, LONGEST_SUBDOMAIN, "a lowercase RFC 1123 subdomain")


def why_no_label_value(value: str) -> str:
    """Why VALUE is no value of a label; it may be empty."""
    return _why(value, _IS_NAME, LONGEST_LABEL, "a valid label value") if value else ""


def why_no_label_key(value: str) -> str:
    """Why VALUE is no key of a label or annotation: `NAME` or `PREFIX/NAME`."""
    prefix, slash, name = value.rpartition("/")
    if slash and ("/" in prefix or not prefix):
        return "must be a qualified name: NAME or PREFIX/NAME"
    return (why_no_subdomain(prefix) if slash else "") or _why(
        name, _IS_NAME, LONGEST_LABEL, "a qualified name"
    )


def why_no_port_name(value: str) -> str:
    """Why VALUE is no name of a container's port (RFC 6335)."""
    if len(value) > 15:
        return "must be no more than 15 characters"
    if not re.fullmatch(r"[a-z0-9-]*", value):
        return "must contain only lower case letters, digits and hyphens"
    if not re.search(r"[a-z]", value):
        return "must contain at least one letter"
    if "--" in value or value.startswith("-") or value.endswith("-"):
        return "must not start or end with a hyphen, nor have two in a row"
    return ""


def why_no_config_key(value: str) -> str:
    """Why VALUE is no key of a ConfigMap or Secret."""
    if len(value) > LONGEST_SUBDOMAIN:
        return f"must be no more than {LONGEST_SUBDOMAIN} characters"
    if not re.fullmatch(r"[-._a-zA-Z0-9]+", value):
        return "must consist of letters, digits, '-', '_' or '.'"
    if value in {".", ".."} or value.startswith(".."):
        return f"must not be or start with '{value[:2]}'"
    return ""


def why_no_variable(value: str) -> str:
    """Why VALUE is no name of an environment variable."""
    if not re.fullmatch(r"[\x20-\x3c\x3e-\x7e]+", value):
        return "must consist of printable ASCII characters other than '='"
    return ""


def address(value: str) -> IPv4Address | IPv6Address | None:
    """The address, leading zeros read as decimal (IsValidIPForLegacyField); None for none."""
    if "%" in value or not value.isascii():
        return None
    quad = _QUAD.fullmatch(value)
    try:
        return ip_address(".".join(quad.groups()) if quad else value)
    except ValueError:
        return None


def canonical(value: str) -> str | None:
    """The address as the API server would write it, None for no address."""
    found = address(value)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return None if found is None else str(mapped or found)


_QUANTITY = re.compile(r"([+-]?[0-9.]+)([eE][-+]?[0-9]+|[numkKMGTPE]i?)?")
_SCALES = {
    **{suffix: 1000.0**power for power, suffix in enumerate(("n", "u", "m", "", "k"), -3)},
    **{suffix: 1000.0**power for power, suffix in enumerate("MGTPE", 2)},
    **{f"{suffix}i": 1024.0**power for power, suffix in enumerate("KMGTPE", 1)},
}


def quantity(value: object) -> float | None:
    """What a resource.Quantity is worth (`500m`, `1Gi`, 2), None for text that is none."""
    found = _QUANTITY.fullmatch(str(value))
    if found is None:
        return None
    number, suffix = found[1], found[2] or ""
    exponent = suffix[1:] if suffix[:1] in {"e", "E"} and suffix[1:] else "0"
    try:
        return float(number) * _SCALES.get(suffix, 1.0) * 10.0 ** int(exponent.removesuffix("i"))
    except (ValueError, OverflowError):
        return None


def why_no_endpoint(found: IPv4Address | IPv6Address) -> str:
    """Why an address is none that endpoints may have (ValidateEndpointIP)."""
    wrong = (
        (found.is_unspecified, f"may not be unspecified ({found})"),
        (found.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (found.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            any(found in network for network in _LOCAL_MULTICAST),
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    )
    return next((words for applies, words in wrong if applies), "")


def _why(value: str, form: re.Pattern[str], longest: int, what: str) -> str:
    if len(value) > longest:
        return f"must be no more than {longest} characters"
    return "" if form.fullmatch(value) else f"must be {what}{_because(value)}"


def _because(value: str) -> str:
    """What in VALUE most likely breaks the form."""
    wrong = (
        (not value, "it is empty"),
        ("_" in value, "no underscores"),
        (value != value.lower(), "no upper case"),
        (" " in value, "no blanks"),
    )
    return next((f" ({words})" for applies, words in wrong if applies), "")
