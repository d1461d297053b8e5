"""The `view` plugin: which clients and names a block is for; coredns plugin/view, expr-lang."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.names import parse_address
from kubectl_hosts.model.cluster_dns.patterns import (
    PatternUnknown,
    Refused,
    compile_pattern,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Client
    from kubectl_hosts.model.cluster_dns.corefile import ServerBlock
    from kubectl_hosts.model.dns import Question

# One comparison of the README's forms; joined by && and || , `!` before a call.
_IN_NETWORK = re.compile(
    r"(?P<no>!\s*)?incidr\(\s*client_ip\(\)\s*,\s*['\"](?P<net>[^'\"]+)['\"]\s*\)"
)
_COMPARED = re.compile(
    r"(?P<what>name|type|client_ip)\(\)\s*(?P<how>==|!=|startsWith|endsWith|contains|matches)\s*"
    r"['\"](?P<value>[^'\"]*)['\"]"
)
_ONE_OF = re.compile(r"(?P<what>name|type|client_ip)\(\)\s+in\s+\[(?P<values>[^\]]*)\]")


def view_holds(block: ServerBlock, question: Question, client: Client) -> bool | None:
    """Whether every `view` expression of BLOCK holds; None where one cannot be judged.

    Judged are `incidr(client_ip(), NET)` and comparisons of name(), type() and client_ip(), joined
    by `&&` and `||` without brackets.
    """
    views = [each for plugin in block.all("view") for each in plugin.all("expr")]
    verdicts = [_any_of(" ".join(each.args), question, client) for each in views]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _any_of(text: str, question: Question, client: Client) -> bool | None:
    verdicts = [_all_of(part, question, client) for part in text.split("||")]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _all_of(text: str, question: Question, client: Client) -> bool | None:
    verdicts = [_one(part.strip(), question, client) for part in text.split("&&")]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _one(text: str, question: Question, client: Client) -> bool | None:
    network = _IN_NETWORK.fullmatch(text)
    if network:
        inside = _is_inside(client.address, network["net"])
        return inside if inside is None or not network["no"] else not inside
    values = {"name": question.name.lower(), "type": question.type, "client_ip": client.address}
    compared = _COMPARED.fullmatch(text)
    if compared:
        return _compare(values[compared["what"]], compared["how"], compared["value"])
    one_of = _ONE_OF.fullmatch(text)
    if one_of and values[one_of["what"]]:
        listed = [each.strip().strip("'\"") for each in one_of["values"].split(",")]
        return values[one_of["what"]] in listed
    return None


def _is_inside(address: str, network: str) -> bool | None:
    client = parse_address(address)
    try:
        return None if client is None else client in ip_network(network, strict=False)
    except ValueError:
        return None


def _compare(value: str, how: str, other: str) -> bool | None:
    if not value:
        return None
    if how == "matches":
        return _matches(value, other)
    verdicts = {
        "==": value == other,
        "!=": value != other,
        "startsWith": value.startswith(other),
        "endsWith": value.endswith(other),
        "contains": other in value,
    }
    return verdicts[how]


def _matches(value: str, pattern: str) -> bool | None:
    try:
        return compile_pattern(pattern).search(value) is not None
    except (Refused, PatternUnknown):
        return None
