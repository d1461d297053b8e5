"""A query on its way through the plugins of a block: what it carries, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from posixpath import basename, dirname
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.corefile import Corefile, CorefileError
from kubectl_hosts.model.cluster_dns.needs import Asking
from kubectl_hosts.model.cluster_dns.query_names import closest_zone, zones_of
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.cluster_dns.versions import Version
    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.origin import Origin


T = TypeVar("T")


class ClusterDNS(Struct, frozen=True, kw_only=True):
    """A CoreDNS as far as it decides answers.

    object is where its Corefile stands (`kube-system/coredns`), service the Service in front of
    it, addresses those of its pods (None where not known), at the address that it is asked at,
    files what its plugins read (path to text) and file_sources the ConfigMaps that they are keys
    of. A version of None gives the rules of the newest release. A node-local cache has the
    cluster's own server `behind` it, at the addresses that it forwards to. is_down: its Service
    selects no pod, or none that is ready. is_in_pod_network: what it calls localhost is itself.
    directories are those of which `files` has every file; left_out are keys of ConfigMaps (path to
    text) that `items` of a volume leave out.
    """

    corefile: Corefile | CorefileError | CouldNotLook
    object: str = ""
    version: Version | None = None
    service: str = ""
    addresses: tuple[str, ...] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    file_sources: Mapping[str, str] = field(default_factory=dict)
    provider: str = "CoreDNS"
    behind: ClusterDNS | None = None
    behind_addresses: tuple[str, ...] = ()
    is_down: bool = False
    is_in_pod_network: bool = False
    directories: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)
    at: str = ""

    @property
    def authority(self) -> ClusterDNS:
        """The server that holds the zone: the one behind a cache on the node."""
        return self.behind or self

    @property
    def blocks(self) -> tuple[ServerBlock, ...]:
        """The server blocks of its Corefile; none where that was not read, or is refused."""
        return self.corefile.blocks if isinstance(self.corefile, Corefile) else ()

    @property
    def refused(self) -> str:
        """The line of its Corefile that CoreDNS refuses, and why; "" where that is not known."""
        error = self.corefile
        if not isinstance(error, CorefileError):
            return ""
        place = self.place_of(error.file)
        return f"line {int(error.line)} of {place} ({error.message})"

    def lacks(self, path: str) -> bool:
        """Whether there is no file at PATH, as far as everything around it was read."""
        return path not in self.files and dirname(path) in self.directories

    def place_of(self, file: str) -> str:
        """The ConfigMap that the Corefile stands in, or the one and its key that FILE is."""
        source = self.file_sources.get(file) if file else None
        return f"{source}, key {basename(file)}" if source else self.object


class PluginStep(Struct, frozen=True, kw_only=True):
    """What one plugin did with the query; line is that of the Corefile, 0 where there is none."""

    plugin: str
    line: int
    did: str


def step_of(plugin: Directive, did: str) -> PluginStep:
    """What PLUGIN did with the query."""
    return PluginStep(plugin=plugin.name, line=plugin.line, did=did)


class Served(Struct, frozen=True, kw_only=True):
    """What the server answers, and why.

    origin is what gave the answer (None where nothing has the name), rule the rule in a sentence,
    trail the plugins in the order in which the query met them, notes what else may matter.
    """

    answer: Answer
    rule: str
    origin: Origin | None = None
    trail: tuple[PluginStep, ...] = ()
    notes: tuple[str, ...] = ()

    def after(self, step: PluginStep, *notes: str) -> Served:
        """The same, with a step before the others."""
        return replace(self, trail=(step, *self.trail), notes=(*notes, *self.notes))

    @property
    def answered(self) -> tuple[Record, ...]:
        """The answer section; none where there is no reply."""
        return self.answer.answer if isinstance(self.answer, Reply) else ()


class PluginQuery(Struct, frozen=True, kw_only=True):
    """A question inside a server block, and the way back in for names that it leads to.

    client is the address of who asks, as the server sees it, "" where nobody knows.
    """

    question: Question
    server: ClusterDNS
    block: ServerBlock
    client: str
    enter: Callable[[Question], Asking[Served]]
    pass_on: Callable[[Question, ClusterDNS], Asking[Served]]

    @property
    def name(self) -> str:
        """QNAME in lower case, as plugins compare it."""
        return self.question.name.lower()

    @property
    def type(self) -> str:
        """QTYPE."""
        return self.question.type

    def asks(self, question: Question) -> PluginQuery:
        """The same query with another question (`rewrite`)."""
        return replace(self, question=question)


Next = Callable[[PluginQuery], Asking[Served]]
Handler = Callable[["PluginQuery", "tuple[Directive, ...]", Next], Asking[Served]]


class NotKnown(Exception):
    """An object that decides could not be read; ends the plugin, becomes an UnknownReply."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what)
        self.what = f"{what} ({why})"


def read(asking: Asking[Seen[T]]) -> Asking[tuple[T, ...]]:
    """The objects that ASKING finds. Raises NotKnown where nobody could look."""
    found = yield from asking
    if isinstance(found, tuple):
        return found
    raise NotKnown(found.what, found.why)


def unknown(what: str, origin: Origin | None = None) -> Served:
    """What the model cannot say, by name."""
    return Served(
        answer=UnknownReply(what, origin), rule=f"{what} isn't modelled or not known", origin=origin
    )


def unread(what: CouldNotLook) -> Served:
    """What decides could not be read; the report's `not checked` has the reason in full."""
    rule = f"could not look at {what.what}"
    return Served(answer=UnknownReply(f"{what.what} ({what.why})"), rule=rule)


def failed(rcode: Rcode, rule: str, origin: Origin | None = None) -> Served:
    """An answer that the server writes for a plugin that gave only an rcode: no SOA, no AA."""
    return Served(answer=Reply(rcode=rcode, origin=origin), rule=rule, origin=origin)


def passes(plugin: Directive, name: str) -> bool:
    """Whether the `fallthrough [ZONES]` of PLUGIN lets NAME on; coredns plugin/pkg/fall."""
    return bool(closest_zone(_passed_zones(plugin), name))


@lru_cache(maxsize=64)
def _passed_zones(plugin: Directive) -> tuple[str, ...]:
    return tuple(
        zone
        for each in plugin.all("fallthrough")
        for text in each.args or (".",)
        for zone in zones_of(text)
    )


@lru_cache(maxsize=256)
def zones_or_block(args: tuple[str, ...], block: ServerBlock) -> tuple[str, ...]:
    """The zones that ARGS name, else those of the block; OriginsFromArgsOrServerBlock."""
    return tuple(zone for text in args for zone in zones_of(text)) or block.zones
