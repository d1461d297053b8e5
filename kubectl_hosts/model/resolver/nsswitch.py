"""nsswitch.conf(5), the `hosts` database: services in order, and when each ends the lookup."""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct


class NssStatus(Enum):
    """What a service may report; the glibc manual, "Actions in the NSS configuration"."""

    __hash__ = object.__hash__  # as that of Outcome

    SUCCESS = "success"
    NOTFOUND = "notfound"
    UNAVAIL = "unavail"
    TRYAGAIN = "tryagain"


class NssAction(Enum):
    """What is done on a status."""

    RETURN = "return"
    CONTINUE = "continue"
    MERGE = "merge"


class NssCriterion(Struct, frozen=True, kw_only=True):
    """One `[STATUS=ACTION]`, or `[!STATUS=ACTION]` for every status but that one."""

    status: NssStatus
    action: NssAction
    negated: bool = False


class NssService(Struct, frozen=True):
    """A service of the line (`files`, `dns`, `myhostname`) and the criteria behind it."""

    name: str
    criteria: tuple[NssCriterion, ...] = ()

    def action_on(self, status: NssStatus) -> NssAction:
        """The action: `return` on success, else `continue`, unless a criterion differs."""
        chosen = NssAction.RETURN if status is NssStatus.SUCCESS else NssAction.CONTINUE
        for criterion in self.criteria:
            if (criterion.status is status) != criterion.negated:
                chosen = criterion.action
        return chosen


class NssHosts(Struct, frozen=True, kw_only=True):
    """The services asked for a host name, in order.

    line is where the file says so, None where a default stands in for a missing file or line.
    What stands behind text that cannot be read is not asked.
    """

    services: tuple[NssService, ...]
    line: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The services' names in order."""
        return tuple(service.name for service in self.services)


# What stands in for a missing file or `hosts:` line, by who asks: nss_database.c (2.36 [measured];
# cluster-dns.md 5.2), Go conf.go and golang/go#35305, hosts-file.md section 5 "source order".
FILES_DNS = NssHosts(services=(NssService("files"), NssService("dns")))
DNS_FILES = NssHosts(services=(NssService("dns"), NssService("files")))
DNS_UNLESS_UNAVAILABLE_FILES = NssHosts(
    services=(
        NssService(
            "dns",
            (NssCriterion(status=NssStatus.UNAVAIL, action=NssAction.RETURN, negated=True),),
        ),
        NssService("files"),
    )
)

# The name ends at a blank or a colon: nss_database.c process_line.
_DATABASE = re.compile(r"\s*hosts[\s:](.*)", re.DOTALL | re.ASCII)
_TOKEN = re.compile(r"\s*(?:\[(?P<criteria>[^\]]*)\]|(?P<service>[^\s\[]+))", re.ASCII)
_CRITERION = re.compile(r"\s*(?P<not>!?)(?P<status>[A-Za-z]+)\s*=\s*(?P<action>[A-Za-z]+)\s*")


def parse_nsswitch(data: bytes) -> NssHosts | None:
    """The `hosts` line of an nsswitch.conf, None where there is none; of several the last counts.

    A `hosts:` line with nothing after it has no services: a lookup then fails with EAI_SYSTEM.
    """
    found = None
    for number, raw in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        line = _DATABASE.fullmatch(raw.partition("#")[0])
        if line is not None:
            found = _parse_services(line[1], number)
    return found


def _parse_services(text: str, number: int) -> NssHosts:
    services: list[NssService] = []
    position = 0
    while token := _TOKEN.match(text, position):
        criteria = _parse_criteria(token["criteria"])
        if criteria is None or (criteria and not services):
            break
        if token["service"] is not None:
            services.append(NssService(token["service"]))
        elif services:
            last = services.pop()
            services.append(NssService(last.name, last.criteria + criteria))
        position = token.end()
    return NssHosts(services=tuple(services), line=number)


def _parse_criteria(text: str | None) -> tuple[NssCriterion, ...] | None:
    """The criteria between brackets, () for a service's name, None where they can't be read."""
    criteria = []
    position = 0
    while text is not None and text[position:].strip():
        found = _CRITERION.match(text, position)
        status = found and _STATUSES.get(found["status"].lower())
        action = found and _ACTIONS.get(found["action"].lower())
        if found is None or not status or not action:
            return None
        criteria.append(NssCriterion(status=status, action=action, negated=bool(found["not"])))
        position = found.end()
    return tuple(criteria)


_STATUSES = {status.value: status for status in NssStatus}
_ACTIONS = {action.value: action for action in NssAction}
