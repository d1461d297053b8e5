"""What services of nsswitch.conf(5) other than `files` and `dns` say, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.resolver.nsswitch import NssStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.resolver.environment import Resolver


@dataclass(frozen=True, slots=True)
class ServiceFound:
    """The service has addresses for the name."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceHasNot:
    """The service reports STATUS; why, in words."""

    status: NssStatus
    why: str


@dataclass(frozen=True, slots=True)
class ServiceUnknown:
    """What the service says isn't known."""

    what: str


ServiceAnswer = ServiceFound | ServiceHasNot | ServiceUnknown

_LOOPBACK = {
    Family.UNSPEC: ("::1", "127.0.0.1"),
    Family.INET: ("127.0.0.1",),
    Family.INET6: ("::1",),
}


def ask_service(service: str, name: str, resolver: Resolver) -> ServiceAnswer:
    """What SERVICE says to NAME. A service whose library is missing is skipped [measured]."""
    libraries = resolver.nss_libraries
    if libraries is not None and service not in libraries:
        return ServiceHasNot(NssStatus.UNAVAIL, f"libnss_{service}.so.2 is not in the image")
    model = _SERVICES.get(service)
    if model is None:
        return ServiceUnknown(f"what the nsswitch service `{service}` says to {name}")
    return model(service, name, resolver)


def _myhostname(service: str, name: str, resolver: Resolver) -> ServiceAnswer:
    """nss-myhostname(8): localhost names, the own host name, `_gateway` and `_outbound`."""
    asked = name.lower().removesuffix(".")
    if asked in {"localhost", "localhost.localdomain"} or asked.endswith(
        (".localhost", ".localhost.localdomain")
    ):
        return ServiceFound(_LOOPBACK[resolver.families.effective])
    if asked in {"_gateway", "_outbound"} or not resolver.hostname:
        return ServiceUnknown(f"what the nsswitch service `{service}` says to {name}")
    if asked == resolver.hostname.lower():
        return ServiceUnknown("the addresses of this host as nss-myhostname lists them")
    return ServiceHasNot(NssStatus.NOTFOUND, "nss-myhostname answers names of this host alone")


def _mdns_minimal(service: str, name: str, _resolver: Resolver) -> ServiceAnswer:
    """nss-mdns: the minimal variants answer `NAME.local` alone, with two labels."""
    labels = name.lower().removesuffix(".").split(".")
    if labels[-1] == "local" and len(labels) == 2:
        return ServiceUnknown(f"what multicast DNS (`{service}`) says to {name}")
    return ServiceHasNot(NssStatus.UNAVAIL, f"{service} answers names of two labels under .local")


_SERVICES: dict[str, Callable[[str, str, Resolver], ServiceAnswer]] = {
    "myhostname": _myhostname,
    "mdns_minimal": _mdns_minimal,
    "mdns4_minimal": _mdns_minimal,
    "mdns6_minimal": _mdns_minimal,
}
