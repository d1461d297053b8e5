"""Which objects a question needs: asks that the model yields, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from kubectl_hosts.model.asking import answered
from kubectl_hosts.model.dns import NoReply, Question, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNamed:
    """GET service; nothing where there is none."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceImportNamed:
    """GET serviceimport (multicluster.x-k8s.io/v1alpha1)."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicesOf:
    """LIST endpointslices of one Service, by label; see `label`."""

    namespace: str
    service: str
    multicluster: bool = False

    @property
    def label(self) -> str:
        """The label that holds the Service's name (discovery.k8s.io; MCS API)."""
        group = "multicluster.kubernetes.io" if self.multicluster else "kubernetes.io"
        return f"{group}/service-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceNamed:
    """GET namespace."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNamed:
    """GET pod."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PodsWithAddress:
    """LIST pods by the field selector `status.podIP=ADDRESS`; namespace "" means all."""

    address: str
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodsIn:
    """LIST pods of one namespace; only a finding needs it, and one page of them is enough."""

    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesCalled:
    """LIST services of all namespaces by the field selector `metadata.name=NAME`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesWithClusterIP:
    """LIST services that have this cluster IP.

    The field selector `spec.clusterIP=ADDRESS` finds the primary one; for the second family
    GET ipaddresses.networking.k8s.io ADDRESS names its Service (`spec.parentRef`).
    """

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesWithExternalIP:
    """LIST services with this external or load balancer IP; no selector finds them."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicesWithAddress:
    """LIST endpointslices that hold this address; no selector finds them.

    `PodsWithAddress` first gives the namespace to look in where the address is a pod's.
    """

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamAsk:
    """A question that `forward` sends on: it is asked, not guessed.

    servers are the `TO` words of the plugin (`/etc/resolv.conf` means the nameservers of the DNS
    pod), line its Corefile line; stub_zone is its FROM, or the block's zone, when not the root.
    Told a Reply, NoReply, or UnknownReply where nobody asked.
    """

    question: Question
    servers: tuple[str, ...]
    line: int
    stub_zone: str = ""


Need = (
    ServiceNamed
    | ServiceImportNamed
    | SlicesOf
    | NamespaceNamed
    | PodNamed
    | PodsWithAddress
    | PodsIn
    | ServicesCalled
    | ServicesWithClusterIP
    | ServicesWithExternalIP
    | SlicesWithAddress
)
Ask = Need | UpstreamAsk
Objects = tuple[Json, ...] | CouldNotLook
"""The objects that a Need names (none: they are absent), or why nobody looked."""
Told = Objects | Reply | NoReply | UnknownReply

T = TypeVar("T")
Asking = Generator[Ask, Told, T]
"""A computation that yields what it has to know and is sent the answer."""


def look(need: Need) -> Asking[Objects]:
    """Ask for objects. Raises TypeError when it is sent a DNS reply."""
    told = yield need
    if isinstance(told, (tuple, CouldNotLook)):
        return told
    raise TypeError(f"objects were asked for, and {type(told).__name__} was sent")


def ask_upstream(ask: UpstreamAsk) -> Asking[Reply | NoReply | UnknownReply]:
    """Ask a server outside. Objects that could not be read there mean that nobody asked."""
    told = yield ask
    if isinstance(told, (Reply, NoReply, UnknownReply)):
        return told
    why = told.why if isinstance(told, CouldNotLook) else "not asked"
    return UnknownReply(f"what {', '.join(ask.servers)} answers for {ask.question.name} ({why})")


def answer_asks(asking: Asking[T], tell: Callable[[Ask], Told]) -> T:
    """Run ASKING to its end, with TELL for each thing that it asks."""
    return answered(asking, tell)
