"""What a reading of a name can lack: facts that would have to hold for it, one class a kind.

A fact holds what decides about it as values, and says itself in words. `weight` is how much is
missing with it: an absent Service is one thing, an absent namespace takes its Services along.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from kubectl_hosts.model.explain.words import listed
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.model.selectors import as_label_selector


class Missing(Struct, frozen=True, kw_only=True):
    """A fact that does not hold; `words` is a noun phrase or a sentence without a final dot."""

    weight: ClassVar[int] = 1
    found_as: ClassVar[Reason | None] = None
    """The reason of the finding that it is; None: the cause alone tells it."""
    said_by: ClassVar[tuple[Reason, ...]] = ()
    """Reasons by which findings of other rules say the same."""

    says: ClassVar[str] = ""
    """The words, with the fields in their places; `_words` has those that hang on the fields."""

    @property
    def words(self) -> str:
        """The fact, as the first line says it."""
        return self._words()

    def _words(self) -> str:
        return self.says.format(self)

    @property
    def reason(self) -> Reason | None:
        """The reason of the finding that it is."""
        return self.found_as

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of findings that need not be read beside it."""
        own = () if self.reason is None else (self.reason,)
        return (*own, *self.said_by)


class OfService(Missing, frozen=True, kw_only=True):
    """A fact about a Service, whether it is there or not."""

    namespace: str
    service: str

    @property
    def object(self) -> str:
        """The Service as `namespace/name`."""
        return f"{self.namespace}/{self.service}"


# --- the name as it was written ----------------------------------------------------------------


class FinalDot(Missing, frozen=True, kw_only=True):
    """A final dot makes the name absolute, and the cluster domain is not in it."""

    says = "its final dot ends the search, and {0.domain} is not in it"
    domain: str


class ForeignDomain(Missing, frozen=True, kw_only=True):
    """What stands behind `svc` is not this cluster's domain."""

    says = "{0.domain} is not this cluster's domain, which is {0.own}"
    domain: str
    own: str


class LabelMissing(Missing, frozen=True, kw_only=True):
    """A part of SERVICE.NAMESPACE.svc.DOMAIN was left out in the middle of the name."""

    says = "{0.label} is missing from the name: it reads {0.form}"
    label: str
    """`svc`, `pod`, `the namespace` or `the Service`."""
    form: str


class Misplaced(Missing, frozen=True, kw_only=True):
    """A word that stands for `svc`, or `svc` itself, where it does not belong."""

    says = "`{0.written}` does not belong there: it reads {0.form}"
    written: str
    form: str


class DotsInAddress(Missing, frozen=True, kw_only=True):
    """The address in a pod's name is one label."""

    says = "an address in a pod's name has dashes for dots: {0.form}"
    form: str


class WildcardAsked(Missing, frozen=True, kw_only=True):
    """`*` and `any` are plain text since CoreDNS 1.9.0; below `svc` nothing has such a label."""

    says = "`{0.label}` is no wildcard: CoreDNS answers none since 1.9.0"
    label: str


class Swapped(Missing, frozen=True, kw_only=True):
    """NAMESPACE.SERVICE was written for SERVICE.NAMESPACE."""

    says = "the Service comes first: {0.service}.{0.namespace}"
    namespace: str
    service: str


class NotAName(Missing, frozen=True, kw_only=True):
    """A URL, HOST:PORT or KIND/NAME holds a name and is none."""

    says = "it is {0.what}, not a name; the name in it is {0.name}"
    what: str
    name: str


class EnvironmentVariable(Missing, frozen=True, kw_only=True):
    """The kubelet sets such a variable for a Service; it is no name in DNS."""

    says = "it is an environment variable's name; the Service's would be {0.service}"
    found_as: ClassVar[Reason | None] = Reason.SERVICE_ENVIRONMENT_VARIABLE

    service: str


class LabelTooLong(Missing, frozen=True, kw_only=True):
    """RFC 1035 2.3.4: a label has at most 63 octets."""

    found_as: ClassVar[Reason | None] = Reason.HOST_NAME_TRUNCATED

    label: str
    cut: str = ""
    """The host name that the kubelet makes of it, "" where it is no pod's name."""

    def _words(self) -> str:
        length = len(self.label)
        if self.cut:
            return f"the pod's host name is cut to 63 of {length} characters: {self.cut}"
        return f"a label has at most 63 characters, and this one has {length}"


# --- namespaces and Services -------------------------------------------------------------------


class NoNamespace(Missing, frozen=True, kw_only=True):
    """C44: there is no such namespace; elsewhere: the namespaces that have the Service."""

    found_as: ClassVar[Reason | None] = Reason.NAMESPACE_NOT_FOUND
    weight: ClassVar[int] = 2
    namespace: str
    service: str = ""
    elsewhere: tuple[str, ...] = ()

    def _words(self) -> str:
        if not self.elsewhere:
            return f"there is no namespace {self.namespace}"
        return (
            f"there is no namespace {self.namespace}; Service {self.service} is in "
            f"{listed(self.elsewhere)}"
        )


class OtherFamily(OfService, frozen=True, kw_only=True):
    """3.2: who has no address of a family but loopback is not given any of it (AI_ADDRCONFIG)."""

    says = (
        "Service {0.object} has {0.family} alone, and the pod, which has none, does not ask for it"
    )
    family: str


class NotExposed(Missing, frozen=True, kw_only=True):
    """An option of the kubernetes plugin leaves an object out.

    what is the object (`namespace shop`, `Service shop/api`), option the line as it is written.
    """

    says = "`{0.option}` of the Corefile (line {0.line}) leaves {0.what} out"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.NAMESPACE_NOT_EXPOSED,)

    namespace: str
    line: int
    option: str
    what: str
    lacks: tuple[tuple[str, str], ...] = ()
    """The labels that it would have to have, where the option asks for some by equality."""

    @property
    def reason(self) -> Reason | None:
        """As in Missing."""
        return Reason.NAMESPACE_NOT_EXPOSED if self.what.startswith("namespace") else None


class WithoutEndpoints(Missing, frozen=True, kw_only=True):
    """Options `noendpoints` and `ignore empty_service`: what a Service has behind it decides."""

    line: int
    option: str
    service: str

    def _words(self) -> str:
        if self.option == "noendpoints":
            return f"`noendpoints` (Corefile line {self.line}): headless Services have no addresses"
        return (
            f"Service {self.service} has no ready endpoints, and `{self.option}` (Corefile line "
            f"{self.line}) hides it"
        )


class PodNamesDisabled(Missing, frozen=True, kw_only=True):
    """Without option `pods` the plugin answers no names below `pod`."""

    says = "`kubernetes` (Corefile line {0.line}) answers no names of pods: option `pods`"
    line: int


class ZoneApex(Missing, frozen=True, kw_only=True):
    """The zone itself exists without addresses, and what exists is not passed on."""

    says = (
        "{0.zone} is a zone of the kubernetes plugin (Corefile line {0.line}), which exists "
        "without an address"
    )
    zone: str
    line: int


class NoService(OfService, frozen=True, kw_only=True):
    """C41: no such Service: near are alike names, elsewhere the namespaces that have it.

    In a multicluster zone the kind is ServiceImport.
    """

    said_by: ClassVar[tuple[Reason, ...]] = (Reason.SERVICE_IN_OTHER_NAMESPACE,)

    near: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    kind: str = "Service"

    def _words(self) -> str:
        lacks = f"no {self.kind} {self.service} in namespace {self.namespace}"
        if self.elsewhere:
            return f"{lacks}, but one in {listed(self.elsewhere)}"
        if self.near:
            return f"{lacks}; there is {listed(self.near)}"
        return lacks

    @property
    def reason(self) -> Reason | None:
        """As in Missing; that there is none at all is no finding about an object."""
        return Reason.SERVICE_IN_OTHER_NAMESPACE if self.elsewhere else None


class NoSelectorNoSlice(OfService, frozen=True, kw_only=True):
    """A Service without selector has only what slices with its label give it, and has none."""

    found_as: ClassVar[Reason | None] = Reason.SERVICE_SELECTS_NOTHING

    unlabelled: tuple[str, ...] = ()
    """EndpointSlices of the namespace that belong to no Service."""
    endpoints: str = ""
    """Endpoints of the namespace that have no Service of their name."""
    labelled: str = ""
    """The Service that their label names, where there is no such Service."""

    def _words(self) -> str:
        lacks = f"Service {self.object} has no selector"
        if self.endpoints:
            return f"{lacks}, and its Endpoints have another name: {self.endpoints}"
        if not self.unlabelled:
            return f"{lacks} and no EndpointSlice with its label kubernetes.io/service-name"
        slices = f"EndpointSlice {listed(self.unlabelled)}"
        if self.labelled:
            return (
                f"{lacks}, and {slices} has the label kubernetes.io/service-name={self.labelled}, "
                "which is no Service"
            )
        return f"{lacks}, and {slices} lacks the label kubernetes.io/service-name"


class SelectsNoPod(OfService, frozen=True, kw_only=True):
    """The selector of a headless Service finds no pod."""

    found_as: ClassVar[Reason | None] = Reason.SERVICE_SELECTS_NOTHING
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.NO_READY_ENDPOINTS,)

    selector: tuple[tuple[str, str], ...]
    elsewhere: tuple[str, ...] = ()
    """The namespaces that have such pods: a Service selects those of its own alone."""

    def _words(self) -> str:
        selector = as_label_selector(self.selector)
        lacks = f"the selector {selector} of headless Service {self.object}"
        if self.elsewhere:
            spaces = listed(self.elsewhere)
            return f"{lacks} finds no pod in its own namespace; such pods are in {spaces}"
        return f"{lacks} finds no pod"


class WithoutAddress(Missing, frozen=True, kw_only=True):
    """A pod has an address once a node runs it: before that nothing can be published of it."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.NO_READY_ENDPOINTS,)

    pods: tuple[str, ...]
    phase: str = ""

    def _words(self) -> str:
        have = "has" if len(self.pods) == 1 else "have"
        phase = f" ({self.phase})" if self.phase else ""
        return f"pod {listed(self.pods)} {have} no IP yet{phase}: see kubectl describe pod"


class NotInItsSlices(OfService, frozen=True, kw_only=True):
    """Pods that a Service selects are in no slice: of no family that it has, or not yet."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.NO_READY_ENDPOINTS,)

    pods: tuple[str, ...]
    families: tuple[str, ...] = ()

    def _words(self) -> str:
        service = f"Service {self.object}"
        pods, have = listed(self.pods), "has" if len(self.pods) == 1 else "have"
        if self.families:
            return f"{service} is for {listed(self.families)}, and pod {pods} {have} no such IP"
        return f"no EndpointSlice of {service} has pod {pods} yet"


class NoneReady(OfService, frozen=True, kw_only=True):
    """C32: a headless Service has endpoints, and none is ready."""

    found_as: ClassVar[Reason | None] = Reason.NO_READY_ENDPOINTS

    pods: tuple[str, ...]
    total: int
    has_selector: bool = True

    def _words(self) -> str:
        service = f"headless Service {self.object}"
        if len(self.pods) == 1:
            return f"the only pod of {service}, {self.pods[0]}, is not ready"
        if self.total == 1:
            return f"the only endpoint of {service} is not ready"
        return f"none of the {self.total} endpoints of {service} is ready"


class TargetNotFound(OfService, frozen=True, kw_only=True):
    """The target of an ExternalName Service does not resolve.

    whole is what was likely meant; lacks says what the target, a name of the cluster, lacks. passes
    says that the target's zone has a `fallthrough`, which does not count for it.
    """

    found_as: ClassVar[Reason | None] = Reason.EXTERNAL_NAME_WITHOUT_RECORD
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.EXTERNAL_NAME_NOT_QUALIFIED,)

    target: str
    whole: str = ""
    lacks: tuple[Missing, ...] = ()
    passes: bool = False

    def _words(self) -> str:
        alias = f"Service {self.object} is an alias of {self.target}"
        if self.whole:
            is_foreign = ".svc." in self.target
            taken = "in another domain" if is_foreign else "which is taken as a whole name"
            return f"{alias}, {taken}; {self.whole} exists"
        if not self.lacks:
            return f"{alias}, which has no address"
        why = "; ".join(each.words for each in self.lacks)
        passed = ", and `fallthrough` does not apply to targets" if self.passes else ""
        return f"{alias}: {why}{passed}"


class AliasLoop(OfService, frozen=True, kw_only=True):
    """An ExternalName that leads back to itself; coredns drops it."""

    says = "that leads back to Service {0.object}"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.EXTERNAL_NAME_LOOP,)


class TargetIsAddress(OfService, frozen=True, kw_only=True):
    """An alias needs a name; CoreDNS gives no record for an address."""

    says = "externalName of Service {0.object} is the address {0.target}; an alias needs a name"
    found_as: ClassVar[Reason | None] = Reason.EXTERNAL_NAME_IS_ADDRESS

    target: str


class TargetIsNoName(OfService, frozen=True, kw_only=True):
    """externalName is a host name (validation.go); a URL or a port is no part of one."""

    says = "externalName of Service {0.object}: {0.wrong.words}"
    wrong: Missing


class AnsweredBelowAlias(Missing, frozen=True, kw_only=True):
    """Before CoreDNS 1.10.1 and 1.11.0 an ExternalName answered for names below it."""

    meant: str
    release: str
    exists: bool

    def _words(self) -> str:
        left = "exists too" if self.exists else "itself was not asked"
        return f"CoreDNS before {self.release} answers below an ExternalName; {self.meant} {left}"


class NothingBelowAlias(OfService, frozen=True, kw_only=True):
    """An ExternalName Service has no names below its own."""

    says = "Service {0.object} is an alias: nothing is below its name"


class NotHeadless(OfService, frozen=True, kw_only=True):
    """kube-dns names the pods of headless Services alone."""

    says = "Service {0.object} is not headless: kube-dns gives its pods no names"


class NoSuchPort(OfService, frozen=True, kw_only=True):
    """C39: no port of that name and protocol; named are those with a name, as (name, protocol).

    place is the object whose ports decide (`Service shop/pg`, `EndpointSlice shop/pg-x`), unnamed
    the index in it of a port that would match if it had the name, None for none.
    """

    found_as: ClassVar[Reason | None] = Reason.PORT_NAME_UNKNOWN

    port: str
    protocol: str
    place: str
    named: tuple[tuple[str, str], ...] = ()
    unnamed: int | None = None

    def _words(self) -> str:
        if not self.named:
            return f"the ports of {self.place} have no name, so there is no _{self.port}"
        names = listed(tuple(f"_{name}._{protocol.lower()}" for name, protocol in self.named))
        return f"{self.place} has no port _{self.port}._{self.protocol}; it has {names}"


class NoPorts(Missing, frozen=True, kw_only=True):
    """SRV records are made of ports, and there is none."""

    found_as: ClassVar[Reason | None] = Reason.PORT_NAME_UNKNOWN
    place: str
    service: str = ""
    """That whose pods have none of the ports that it takes them by, by their names."""

    def _words(self) -> str:
        if not self.service:
            return f"{self.place} has no ports, so it has no SRV records"
        lacks = f"no container has the port that targetPort of {self.service} names"
        return f"{lacks}, so {self.place} has none, and no SRV records"


# --- pods --------------------------------------------------------------------------------------


class NoPod(Missing, frozen=True, kw_only=True):
    """There is no such pod; near are the host names or names that are alike.

    behind is the pod before it in its StatefulSet, which has to be ready first.
    """

    namespace: str
    pod: str
    near: tuple[str, ...] = ()
    behind: str = ""

    def _words(self) -> str:
        lacks = f"no pod {self.pod} in namespace {self.namespace}"
        if self.behind:
            return f"{lacks} yet: its StatefulSet makes it once {self.behind} is ready"
        return f"{lacks}; there is {listed(self.near)}" if self.near else lacks


class NoSuchEndpoint(OfService, frozen=True, kw_only=True):
    """A Service without selector: what people wrote into its slices has no such host name.

    named are the host names that are there, unnamed the endpoints without one, as (slice, index).
    """

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    hostname: str
    named: tuple[str, ...] = ()
    unnamed: tuple[tuple[str, int], ...] = ()

    def _words(self) -> str:
        lacks = f"no endpoint of Service {self.object} has the hostname {self.hostname}"
        if self.named:
            return f"{lacks}; there is {listed(self.named[:3])}"
        return f"{lacks}: slice {self.unnamed[0][0]} gives none" if self.unnamed else lacks


class OrdinalBeyondReplicas(Missing, frozen=True, kw_only=True):
    """A StatefulSet has the pods first to first + replicas - 1."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    namespace: str
    set: str
    ordinal: int
    replicas: int
    first: int = 0
    service: str = ""
    """The Service that its pods have names below, where the name says none."""

    def _words(self) -> str:
        owner, pod = f"StatefulSet {self.namespace}/{self.set}", f"{self.set}-{self.ordinal}"
        count = f"{self.replicas} replica" + ("" if self.replicas == 1 else "s")
        if self.ordinal < self.first:
            return f"the ordinals of {owner} start at {self.first}, so there is no pod {pod}"
        starting = f" from ordinal {self.first} on" if self.first else ""
        return f"{owner} has {count}{starting}, so there is no pod {pod}"


class PodNotReady(OfService, frozen=True, kw_only=True):
    """A Service gives the names of ready pods only, unless it publishes the others too.

    ended says of a pod that no Service has any more what became of it.
    """

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    pod: str
    ended: str = ""

    def _words(self) -> str:
        if self.ended:
            return f"pod {self.pod} {self.ended}, so it is no endpoint"
        return f"pod {self.pod} is not ready, and Service {self.service} publishes ready pods only"


class PodWithoutHostname(Missing, frozen=True, kw_only=True):
    """A name below a Service is made of spec.hostname; lacks_subdomain: it has none of both.

    job is the Job that made it: those that are Indexed give their pods one.
    """

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    namespace: str
    pod: str
    lacks_subdomain: bool = False
    job: str = ""

    def _words(self) -> str:
        both = " and no spec.subdomain" if self.lacks_subdomain else ""
        job = f": Job {self.job} is not Indexed" if self.job else ""
        return f"pod {self.namespace}/{self.pod} has no spec.hostname{both}{job}"


class OtherHostname(Missing, frozen=True, kw_only=True):
    """The pod's spec.hostname is another than the name says."""

    says = "the hostname of pod {0.namespace}/{0.pod} is {0.hostname}"
    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING
    namespace: str
    pod: str
    hostname: str


class OtherSubdomain(OfService, frozen=True, kw_only=True):
    """A hostname counts below the Service that spec.subdomain names, and below no other."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    pod: str
    subdomain: str

    def _words(self) -> str:
        if not self.subdomain:
            return f"pod {self.namespace}/{self.pod} has no spec.subdomain"
        return f"the subdomain of pod {self.namespace}/{self.pod} is {self.subdomain}"


class OtherServiceName(OfService, frozen=True, kw_only=True):
    """A StatefulSet gives its pods the subdomain spec.serviceName."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    set: str
    subdomain: str

    def _words(self) -> str:
        owner = f"StatefulSet {self.namespace}/{self.set}"
        if not self.subdomain:
            return f"{owner} has no serviceName, so its pods have no subdomain"
        return f"serviceName of {owner} is {self.subdomain}, not {self.service}"


class NotSelected(OfService, frozen=True, kw_only=True):
    """The Service's selector does not match the pod's labels."""

    found_as: ClassVar[Reason | None] = Reason.ENDPOINT_MISSING

    pod: str
    selector: tuple[tuple[str, str], ...]

    def _words(self) -> str:
        selector = as_label_selector(self.selector) or "no selector"
        return f"Service {self.object} ({selector}) does not select {self.pod}"


class SubdomainWithoutService(OfService, frozen=True, kw_only=True):
    """C36: hostname and subdomain make a name only below a Service of the subdomain's name."""

    says = "pod {0.pod} has the subdomain {0.service}, and there is no Service {0.object}"
    found_as: ClassVar[Reason | None] = Reason.SUBDOMAIN_WITHOUT_SERVICE

    pod: str


class PodNotInDNS(Missing, frozen=True, kw_only=True):
    """C35: pods are not in DNS by their bare name; whole is the name that one has, if any."""

    found_as: ClassVar[Reason | None] = Reason.POD_NAME_NOT_IN_DNS

    namespace: str
    pod: str
    whole: str = ""
    services: tuple[str, ...] = ()
    """The Services that select it."""
    alone: tuple[str, ...] = ()
    """The cluster IPs of those that lead to no other pod."""
    address: str = ""
    """Its address, where a name below `pod` would be answered."""
    is_waiting: bool = False
    """It is not ready, and the Service of the whole name publishes ready pods only."""

    def _words(self) -> str:
        if self.whole:
            once = " once it is ready" if self.is_waiting else ""
            return f"pods are not in DNS by their bare name; pod {self.pod} is {self.whole}{once}"
        return f"{self.pod} is a pod of {self.namespace}: pods are not in DNS by their name"


class NotAnAddress(Missing, frozen=True, kw_only=True):
    """Below `pod` a name is an address, with dashes."""

    says = "a name below `pod` is a pod's address with dashes, and {0.label} is none"
    label: str


class ContainerNotInDNS(Missing, frozen=True, kw_only=True):
    """The containers of a pod share its network: their names are nobody's."""

    container: str
    name: str

    def _words(self) -> str:
        runs = "" if self.name == self.container else f" that runs {self.name}"
        return f"{self.container} is a container of this pod{runs}, which is reached as localhost"


class NodeNotInDNS(Missing, frozen=True, kw_only=True):
    """Nodes are not in the cluster's DNS."""

    found_as: ClassVar[Reason | None] = Reason.NODE_ENTRY_NOT_INHERITED

    node: str
    address: str

    def _words(self) -> str:
        at = f" ({self.address})" if self.address else ""
        return f"{self.node} is a node{at}: nodes are not in the cluster's DNS"


class NoPodWithAddress(Missing, frozen=True, kw_only=True):
    """`pods verified` answers for addresses that a pod of the namespace has."""

    says = "no pod of namespace {0.namespace} has the address {0.address}"
    namespace: str
    address: str


# --- the hosts file ----------------------------------------------------------------------------


class AliasWrittenOtherwise(Missing, frozen=True, kw_only=True):
    """The hosts file has a name that is alike: files are matched whole (musl: by case, too)."""

    says = "the hosts file has {0.alias} ({0.address}), and is matched to the letter"
    alias: str
    address: str


class WildcardInHosts(Missing, frozen=True, kw_only=True):
    """hosts(5): a name in the file is a name, whatever its first character."""

    says = "the hosts file has {0.entry} ({0.address}), and hosts files have no wildcards"
    entry: str
    address: str


class AliasHiddenByMount(Missing, frozen=True, kw_only=True):
    """The pod's spec has the alias, and the container has a hosts file of its own."""

    says = (
        "container {0.container} mounts volume {0.volume} at {0.mount_path}: hostAliases do not "
        "apply there"
    )
    found_as: ClassVar[Reason | None] = Reason.OWN_MOUNT_HIDES_HOST_ALIASES
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.HOST_ALIAS_NOT_IN_FILE,)

    container: str
    volume: str
    mount_path: str


class AliasOfOtherPod(Missing, frozen=True, kw_only=True):
    """Another pod has the name in its hostAliases; each pod has a file of its own."""

    says = "only pod {0.namespace}/{0.pod} has it in its hostAliases ({0.address})"
    namespace: str
    pod: str
    address: str


class WrittenByInit(Missing, frozen=True, kw_only=True):
    """S46: what an init container writes into the file is gone at the next one's start."""

    says = (
        "init container {0.container} writes it into /etc/hosts, which the kubelet writes anew for "
        "each container"
    )
    container: str
    address: str


class AliasNotRolled(Missing, frozen=True, kw_only=True):
    """The workload's template has the alias; this pod is older."""

    found_as: ClassVar[Reason | None] = Reason.TEMPLATE_NOT_ROLLED

    namespace: str
    workload: str
    kind: str
    paused: bool = False

    def _words(self) -> str:
        owner = f"{self.kind} {self.namespace}/{self.workload}"
        if self.paused:
            return f"the pod is older than the alias in the template of {owner}, which is paused"
        return f"the pod is older than the alias in the template of {owner}"


class OwnNameNotInFile(Missing, frozen=True, kw_only=True):
    """localhost, or the pod's own name, which the kubelet's file would have, and this one has not.

    supplier says whose file it is: the node's, or that of a mounted volume.
    """

    says = "its hosts file is {0.supplier}, and has no line for {0.name}"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.LOCALHOST_NOT_IN_HOSTS,)

    name: str
    supplier: str
    container: str = ""
    volume: str = ""
    mount_path: str = ""


class HostsFileUnread(Missing, frozen=True, kw_only=True):
    """Localhost, or the pod's own name, where nobody read the file that surely has it."""

    says = "its hosts file was not read whole"


class FileOutdated(Missing, frozen=True, kw_only=True):
    """A file mounted by subPath keeps the text that it had when the container started."""

    says = (
        "ConfigMap {0.namespace}/{0.config_map} has it, and {0.mount_path} is the older file of "
        "the container's start"
    )
    found_as: ClassVar[Reason | None] = Reason.OUTDATED_VOLUME
    namespace: str
    config_map: str
    mount_path: str


# --- an answer that is not what was meant ------------------------------------------------------


class ShadowedByLine(Missing, frozen=True, kw_only=True):
    """A line of the hosts file answers, and DNS would say something else."""

    said_by: ClassVar[tuple[Reason, ...]] = (Reason.HOSTS_FILE_SHADOWS_DNS,)

    name: str
    dns_name: str
    dns_addresses: tuple[str, ...]
    is_alias: bool
    """Whether spec.hostAliases declares the line; else nobody declared it."""

    def _words(self) -> str:
        return (
            f"a line of the hosts file comes before DNS, where "
            f"{self.dns_name.removesuffix('.')} is {listed(self.dns_addresses)}"
        )


class Captured(Missing, frozen=True, kw_only=True):
    """A name made with a search domain is answered before the one that is meant."""

    says = "{0.hit} is asked first (search domain {0.suffix}) and answered"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.CAPTURED_BY_EARLIER_NAME,)

    hit: str
    suffix: str


class AddressWithoutService(OfService, frozen=True, kw_only=True):
    """A hosts entry leads to a cluster IP that no Service has; service is the one meant."""

    says = "no Service has the address {0.address}; Service {0.object} has {0.cluster_ip}"
    address: str
    cluster_ip: str


# --- the way to the cluster's DNS --------------------------------------------------------------


class NotClusterDNS(Missing, frozen=True, kw_only=True):
    """The pod asks another DNS than the cluster's, or another one as well.

    nameserver is that other one, where the pod asks it before the cluster's (first), or at the same
    time (races). volume is what is mounted at /etc/resolv.conf, "" for the kubelet's file. ignored
    says why no nameserver of the file counts, "" where one does.
    """

    said_by: ClassVar[tuple[Reason, ...]] = (
        Reason.HOST_NETWORK_NODE_DNS,
        Reason.NO_CLUSTER_SEARCH_LIST,
    )

    policy: str
    host_network: bool = False
    nameserver: str = ""
    first: bool = False
    races: bool = False
    container: str = ""
    volume: str = ""
    ignored: str = ""

    def _words(self) -> str:
        names = f"names {self.nameserver}" if self.nameserver else "names no nameserver"
        on_node = self.host_network and self.policy == "ClusterFirst"
        said = (
            (self.ignored, f"no nameserver of its resolv.conf counts: {self.ignored}"),
            (self.races, f"musl asks {self.nameserver} as well, which is not the cluster's DNS"),
            (self.first, f"{self.nameserver}, which is asked first, is not the cluster's DNS"),
            (
                self.volume,
                f"volume {self.volume} at /etc/resolv.conf {names}, not the cluster's DNS",
            ),
            (on_node, "a hostNetwork pod with dnsPolicy ClusterFirst asks the node's DNS"),
            (
                self.policy == "None",
                "dnsPolicy None: the pod asks the nameservers of dnsConfig alone",
            ),
            (
                self.policy == "Default",
                "dnsPolicy Default: the pod asks the node's DNS, which knows no Services",
            ),
        )
        other = f"its resolv.conf {names}, which is not the cluster's DNS"
        return next((words for holds, words in said if holds), other)


class NotAsked(Missing, frozen=True, kw_only=True):
    """The name that exists was never asked; why is the resolver's rule in words."""

    says = "{0.name} exists and was not asked: {0.why}"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.MUSL_DOES_NOT_SEARCH,)

    name: str
    why: str


class SearchStopped(Missing, frozen=True, kw_only=True):
    """The resolver left its search list before it came to the name."""

    says = "{0.why}"
    why: str


class ServerSaysOtherwise(Missing, frozen=True, kw_only=True):
    """By the objects the name exists, and the server says that it does not."""

    says = "the objects have {0.name}, and the server says {0.said}"
    name: str
    said: str


class TakenBefore(Missing, frozen=True, kw_only=True):
    """A plugin before `kubernetes` asks for another type, or gives an answer of its own."""

    says = "`{0.plugin}` (Corefile line {0.line}) {0.does}"
    plugin: str
    line: int
    does: str


class FamilyDenied(Missing, frozen=True, kw_only=True):
    """A name of which the server has one family; line is that of a template's rcode, or 0."""

    says = "{0.by} says NXDOMAIN to one family of it, and musl takes the name as missing"
    by: str
    line: int = 0


# --- the Corefile ------------------------------------------------------------------------------


class NoServiceName(Missing, frozen=True, kw_only=True):
    """Below a zone of the kubernetes plugin only names of Services and pods exist."""

    says = (
        "{0.zone} is a zone of the kubernetes plugin (Corefile line {0.line}): no Service has such "
        "a name, and there is no fallthrough"
    )
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.KUBERNETES_WITHOUT_FALLTHROUGH,)

    zone: str
    line: int


class BlockWithoutKubernetes(Missing, frozen=True, kw_only=True):
    """A block takes a Service's name, or rewrites to one, and its plugins know no Services."""

    said_by: ClassVar[tuple[Reason, ...]] = (
        Reason.REWRITE_LEAVES_KUBERNETES,
        Reason.PLUGIN_CHAIN_ENDS,
    )

    zone: str
    line: int
    rewritten: str = ""

    def _words(self) -> str:
        zone = self.zone.removesuffix(".") or "."
        block = f"block {zone} (Corefile line {self.line})"
        if not self.rewritten:
            return f"{block} answers for the name, and has no `kubernetes`"
        made = self.rewritten.removesuffix(".")
        return f"{block} has no `kubernetes`: `rewrite` makes it {made}, which nothing there knows"


class RewrittenToNothing(Missing, frozen=True, kw_only=True):
    """`rewrite` makes a name of the cluster of it, which lacks something itself."""

    line: int
    rewritten: str
    lacks: tuple[Missing, ...]

    def _words(self) -> str:
        why = "; ".join(each.words for each in self.lacks)
        return f"`rewrite` (Corefile line {self.line}) makes it {self.rewritten}: {why}"


class RewrittenByCache(Missing, frozen=True, kw_only=True):
    """NodeLocal DNSCache makes a name of the cluster of it, and sends that elsewhere."""

    says = (
        "{0.cache} rewrites it to {0.rewritten} (line {0.line}), and does not ask the cluster's "
        "DNS for that"
    )
    cache: str
    line: int
    rewritten: str


class CorefileRefused(Missing, frozen=True, kw_only=True):
    """CoreDNS does not load the Corefile; what it loaded before is not known."""

    says = "CoreDNS refuses {0.refused}, and serves what it loaded before"
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.COREFILE_BROKEN,)
    refused: str
    message: str
    """CoreDNS's own words."""


class RewrittenToAddress(Missing, frozen=True, kw_only=True):
    """plugin/rewrite README: it makes another question, and an address is no name to ask."""

    says = (
        "`rewrite` (Corefile line {0.line}) makes the name {0.address} of it, which is an address: "
        "no answer comes of it"
    )
    line: int
    address: str


class NoFallthrough(Missing, frozen=True, kw_only=True):
    """A plugin before `kubernetes` takes the name for its own and does not pass it on."""

    says = (
        "`{0.plugin}` (Corefile line {0.line}) has no fallthrough, and keeps the name from "
        "`kubernetes`"
    )
    said_by: ClassVar[tuple[Reason, ...]] = (
        Reason.KUBERNETES_WITHOUT_FALLTHROUGH,
        Reason.HOSTS_WITHOUT_FALLTHROUGH,
    )

    plugin: str
    line: int


class AnsweredAsOtherName(Missing, frozen=True, kw_only=True):
    """3.3: without `answer auto` the records keep the name that `rewrite` made."""

    said_by: ClassVar[tuple[Reason, ...]] = (Reason.REWRITE_LEAVES_FOREIGN_NAME,)
    line: int
    rewritten: str
    """The name that stands in the answer: what the rule made, or what its `answer name` did."""
    asked: str = ""
    """What the search list made of the name, where the answer has the name itself."""

    def _words(self) -> str:
        question = f" for {self.asked}" if self.asked else ""
        return (
            f"`rewrite` (Corefile line {self.line}) leaves {self.rewritten} in the answer"
            f"{question}, which glibc does not take for the name that it asked"
        )


class EntryNotReached(Missing, frozen=True, kw_only=True):
    """A line of the Corefile is meant for the name, and is not what answers it.

    what is that line where it is no entry of `hosts` with addresses; by is the plugin that comes
    before it, or the block of the longer zone, at the line by_line. written is the part of its
    line for which `instead` would have an effect.
    """

    said_by: ClassVar[tuple[Reason, ...]] = (Reason.NODE_LOCAL_SKIPS_COREDNS,)

    name: str
    addresses: tuple[str, ...]
    line: int
    by: str
    by_line: int
    what: str = ""
    written: str = ""
    instead: str = ""

    def _words(self) -> str:
        what = self.what or f"the `hosts` entry {listed(self.addresses)}"
        entry = f"{what} (Corefile line {self.line})"
        return f"{entry} has no effect: {self.by} (line {self.by_line}) answers first"

    @property
    def reason(self) -> Reason | None:
        """As in Missing."""
        if self.what:
            return None
        is_other = self.by.startswith("block")
        return Reason.HOSTS_IN_OTHER_BLOCK if is_other else Reason.HOSTS_ENTRY_NOT_REACHED


class FileLeftOut(Missing, frozen=True, kw_only=True):
    """A key of the Corefile's ConfigMap that a plugin reads, and `items` of a volume leave out."""

    says = (
        "`{0.plugin}` (Corefile line {0.line}) reads key {0.key} of ConfigMap {0.config_map}, "
        "which the DNS pods do not mount"
    )
    found_as: ClassVar[Reason | None] = Reason.CUSTOM_KEY_NOT_IMPORTED
    plugin: str
    line: int
    key: str
    config_map: str


class EntryNotTaken(Missing, frozen=True, kw_only=True):
    """A line of `hosts` in the Corefile that is meant for the name, and is no entry of it."""

    says = "`hosts` has {0.written} for {0.address} (Corefile line {0.line}): {0.why}"
    address: str
    line: int
    written: str
    why: str


class PatternNeverMatches(Missing, frozen=True, kw_only=True):
    """3.3: what an expression is held against ends with a dot."""

    says = (
        "`{0.plugin}` (Corefile line {0.line}) never matches: a name ends with a dot there, and "
        "{0.pattern} does not"
    )
    said_by: ClassVar[tuple[Reason, ...]] = (Reason.COREFILE_PATTERN_NEVER_MATCHES,)
    plugin: str
    line: int
    pattern: str


class TemplateTypeWrong(Missing, frozen=True, kw_only=True):
    """A template that is for aliases alone, or that writes a name where an address belongs.

    swaps are the words to write for others, as (line, what is written, what to write).
    """

    line: int
    swaps: tuple[tuple[int, str, str], ...]
    target: str = ""

    def _words(self) -> str:
        if self.target:
            return f"`template` writes {self.target} as an address (Corefile line {self.line})"
        return f"`template` (Corefile line {self.line}) answers questions of type CNAME alone"


class NodeEntryNotInherited(Missing, frozen=True, kw_only=True):
    """A tool puts the name into the node's file, which no pod inherits."""

    says = (
        "{0.tool} puts {0.name} into the node's /etc/hosts, which pods do not inherit, and cluster "
        "DNS has no such entry"
    )
    found_as: ClassVar[Reason | None] = Reason.NODE_ENTRY_NOT_INHERITED
    name: str
    tool: str


class NoSuchName(Missing, frozen=True, kw_only=True):
    """Whoever was asked last says that there is no such name."""

    says = "{0.said}"
    weight: ClassVar[int] = 2
    said: str
    """In words, as the step says it."""
    is_absent: bool = True
    """Whether it is said to be absent; else the server failed, and nobody knows."""


class NoRecord(Missing, frozen=True, kw_only=True):
    """A zone file of the Corefile has no such name; near are those of it that are alike."""

    weight: ClassVar[int] = 2
    zone: str
    file: str
    near: tuple[str, ...] = ()

    def _words(self) -> str:
        lacks = f"zone file {self.file} of zone {self.zone.rstrip('.') or '.'} has no such name"
        return f"{lacks}; there is {listed(self.near)}" if self.near else lacks


class IngressHost(Missing, frozen=True, kw_only=True):
    """An Ingress routes what comes with a host name: that the name leads there is another's job."""

    says = "it is a host of Ingress {0.ingress}, which makes no name in DNS: {0.said}"
    ingress: str
    said: str
    address: str = ""


# --- what could not be known -------------------------------------------------------------------


class CouldNotKnow(Missing, frozen=True, kw_only=True):
    """What may not be read is not absent."""

    says = "{0.what} could not be read ({0.why})"
    what: str
    why: str
