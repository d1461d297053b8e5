"""From what is missing to changes that supply it, and those of them that are proved.

Every missing fact knows the changes that would supply it, cheapest first: another name, the pod's
own workload, what is made new, what others use as well, the Corefile. A proposal is nothing yet:
the diagnosis runs again in a world with the change, and only where the name then leads to what was
meant it is a fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from functools import singledispatch
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.change import (
    AskName,
    Change,
    Create,
    Delete,
    EditCorefile,
    Patch,
    Restart,
    commands_of,
    touched,
)
from kubectl_hosts.model.cluster_dns.corefile import ONCE, Corefile, CorefileError, CorefileLine
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.plugin_setup import PLUGINS, options_of
from kubectl_hosts.model.cluster_dns.query_names import (
    absolute,
    dashed,
    parse_address,
    parse_requested_name,
)
from kubectl_hosts.model.cluster_dns.server import serving_port
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.missing import (
    AddressWithoutService,
    AliasHiddenByMount,
    AliasNotRolled,
    AliasOfOtherPod,
    AliasWrittenOtherwise,
    AnsweredAsOtherName,
    AnsweredBelowAlias,
    BlockWithoutKubernetes,
    Captured,
    ContainerNotInDNS,
    CorefileRefused,
    DotsInAddress,
    EntryNotReached,
    EntryNotTaken,
    EnvironmentVariable,
    FamilyDenied,
    FileLeftOut,
    FileOutdated,
    FinalDot,
    ForeignDomain,
    IngressHost,
    LabelMissing,
    LabelTooLong,
    Misplaced,
    Missing,
    NodeNotInDNS,
    NoFallthrough,
    NoNamespace,
    NoneReady,
    NoPod,
    NoRecord,
    NoSelectorNoSlice,
    NoService,
    NoServiceName,
    NoSuchEndpoint,
    NoSuchPort,
    NotAName,
    NotAsked,
    NotClusterDNS,
    NotExposed,
    NotHeadless,
    NothingBelowAlias,
    NotSelected,
    OrdinalBeyondReplicas,
    OtherHostname,
    OtherServiceName,
    OtherSubdomain,
    OwnNameNotInFile,
    PatternNeverMatches,
    PodNamesDisabled,
    PodNotInDNS,
    PodNotReady,
    PodWithoutHostname,
    RewrittenByCache,
    RewrittenToAddress,
    RewrittenToNothing,
    SearchStopped,
    SelectsNoPod,
    ShadowedByLine,
    SubdomainWithoutService,
    Swapped,
    TargetIsAddress,
    TargetNotFound,
    TemplateTypeWrong,
    WildcardAsked,
    WildcardInHosts,
    WithoutEndpoints,
    WrittenByInit,
)
from kubectl_hosts.model.explain.readings import (
    CACHE,
    SERVICE_NAME,
    Form,
    Kind,
    Meaning,
    NameContext,
    Reading,
    block_of,
    goes_behind,
    near_names,
    rewritten,
)
from kubectl_hosts.model.explanation import Fix, FixKind, Then
from kubectl_hosts.model.fields import items, text
from kubectl_hosts.model.names import is_near
from kubectl_hosts.model.objects import ConfigMap, EndpointSlice, Service, Workload
from kubectl_hosts.model.pod import Pod
from kubectl_hosts.model.reads import Objects, ask, ask_one, find, known
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.selectors import as_label_selector
from kubectl_hosts.model.workload import owner_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis

AT_MOST = 3
"""Fixes of one name."""
_MOST_PROOFS = 10


RESUMED: Json = {"spec": {"paused": False}}
"""The patch that lets a paused rollout go on."""


class Rank(IntEnum):
    """How cheap a change is; what touches others stands behind what does not."""

    ASK = 0
    """Another name: nothing in the cluster changes."""
    OWN = 1
    """The workload of the pod that asks."""
    NEW = 2
    """An object that was not there."""
    MEANT = 3
    """The workload, or the Service, that was meant and that does not work yet."""
    SHARED = 4
    """A Service that works for others."""
    COREFILE = 5
    """All pods of the cluster."""
    DETOUR = 6
    """A name that leads to less, or to more, than was meant."""


class Proposal(Struct, frozen=True, kw_only=True):
    """Changes that might help; name is what to ask with them in place.

    leads_to are absolute names, one of which has to give the answer; from_file says that the hosts
    file has to. Of a group, the first that is proved is enough.
    """

    changes: tuple[Change, ...]
    sentence: str
    name: str
    leads_to: frozenset[str] = frozenset()
    meant: tuple[str, ...] = ()
    """Where others may answer as well: the addresses of what was meant, and no more are a fix."""
    from_file: bool = False
    rank: Rank = Rank.ASK
    group: str = ""


class Proved(NamedTuple):
    """What a name gave in the changed world.

    answered is the absolute name that DNS had, "" where the hosts file answered; values are all of
    the answer, with what stands for an address that nobody has yet, and origin what gave it.
    """

    outcome: Outcome
    addresses: tuple[str, ...] = ()
    answered: str = ""
    origin: str = ""
    values: frozenset[str] = frozenset()


Prove = Callable[[tuple[Change, ...], str], "Diagnosis[Proved]"]
"""The diagnosis of a name in the world with these changes (AskName changes nothing in it)."""


def find_fixes(
    name: str, readings: tuple[Reading, ...], context: NameContext, prove: Prove
) -> Diagnosis[tuple[Fix, ...]]:
    """At most three proved fixes for NAME, cheapest first; readings as `read_name` gave them."""
    proposals = yield from propose(name, readings, context)
    return (yield from proved_fixes(proposals, prove))


def proved_fixes(proposals: Iterable[Proposal], prove: Prove) -> Diagnosis[tuple[Fix, ...]]:
    """The first proposals, at most three, that give an answer from what was meant."""
    fixes: list[Fix] = []
    groups: set[str] = set()
    tried = 0
    for each in sorted(proposals, key=lambda each: each.rank):
        if len(fixes) == AT_MOST or tried == _MOST_PROOFS:
            break
        if each.group and each.group in groups:
            continue
        tried += 1
        then = yield from prove(each.changes, each.name)
        if not _holds(each, then):
            continue
        groups.add(each.group)
        fixes.append(_fix(each, then))
    return tuple(fixes)


def _holds(proposal: Proposal, then: Proved) -> bool:
    if then.outcome is not Outcome.FOUND:
        return False
    if not then.answered:
        return proposal.from_file
    is_meant = not proposal.meant or then.values <= set(proposal.meant)
    return is_meant and then.answered.lower() in proposal.leads_to


def _fix(proposal: Proposal, then: Proved) -> Fix:
    kinds = {
        AskName: FixKind.ASK_NAME,
        Patch: FixKind.PATCH,
        Create: FixKind.CREATE,
        Delete: FixKind.PATCH,
        EditCorefile: FixKind.EDIT_COREFILE,
        Restart: FixKind.RESTART,
    }
    changes = [each for each in proposal.changes if not isinstance(each, AskName)]
    kind = kinds[type(changes[0] if changes else proposal.changes[0])]
    asks = any(isinstance(each, AskName) for each in proposal.changes)
    touches = (touched(each) for each in changes)
    return Fix(
        kind=kind,
        sentence=proposal.sentence,
        name=proposal.name if asks else "",
        commands=tuple(line for each in changes for line in commands_of(each)),
        touches=tuple(dict.fromkeys(str(each) for each in touches if each)),
        then=Then(outcome=then.outcome, addresses=then.addresses, origin=then.origin),
    )


# --- proposals ---------------------------------------------------------------------------------

# What is wrong with how the name is written: another way to write it is all that it needs.
_WRITING = (
    FinalDot,
    ForeignDomain,
    LabelMissing,
    Misplaced,
    DotsInAddress,
    WildcardAsked,
    Swapped,
    NotAName,
    EnvironmentVariable,
    NotAsked,
    SearchStopped,
    ShadowedByLine,
    Captured,
    AnsweredBelowAlias,
    AnsweredAsOtherName,
    AddressWithoutService,
)


def propose(
    name: str, readings: tuple[Reading, ...], context: NameContext
) -> Diagnosis[tuple[Proposal, ...]]:
    """What might help, from the leading reading and from those that lack as little.

    Asks for the objects that a change touches, and for no others.
    """
    least = readings[0].weight
    found: list[Proposal] = []
    for at, reading in enumerate(readings):
        is_close = at == 0 or (reading.found > 0 and reading.weight <= least)
        if is_close and not reading.is_complete:
            found += _other_names(name, reading, context)
            found += yield from _changes(name, reading, context)
    # A patch holds JSON, which has no hash.
    return tuple(each for at, each in enumerate(found) if each not in found[:at])


def _forms(meaning: Meaning, context: NameContext) -> tuple[str, ...]:
    """The ways to write MEANING, the one most like what was typed first."""
    if meaning.kind in {Kind.ZONE, Kind.OUTSIDE, Kind.ENTRY}:
        return meaning.text.removesuffix("."), meaning.text
    if meaning.kind is Kind.POD_ADDRESS:
        host, middle = f"{meaning.pod}.{meaning.namespace}", "pod"
        forms = {Form.SVC: f"{host}.{middle}", Form.DOMAIN: f"{host}.{middle}.{context.domain}"}
    else:
        host = meaning.host
        spaced = f"{host}.{meaning.namespace}"
        forms = {
            Form.NAMESPACE: spaced,
            Form.SVC: f"{spaced}.svc",
            Form.DOMAIN: f"{spaced}.svc.{context.domain}",
        }
        if meaning.namespace == context.namespace:
            forms = {Form.NAME: host, **forms}
    typed = [form for form in forms if form.value >= meaning.form.value]
    others = [form for form in forms if form not in typed]
    ordered = [forms[form] for form in (*typed, *reversed(others))]
    return (*ordered, f"{forms[Form.DOMAIN]}.")


def _ask(
    meaning: Meaning, name: str, context: NameContext, *, rank: Rank = Rank.ASK
) -> Iterator[Proposal]:
    """The forms of MEANING as names to ask; one that is proved is enough."""
    whole = meaning.name(context.domain).lower()
    for form in _forms(meaning, context):
        if form != name:
            yield Proposal(
                changes=(AskName(form),),
                sentence=f"Ask {form}",
                name=form,
                leads_to=frozenset({whole}),
                rank=rank,
                group=f"ask {whole}",
            )


def _other_names(name: str, reading: Reading, context: NameContext) -> Iterator[Proposal]:
    """Names that already lead to what was meant, or to what is alike."""
    meaning = reading.meaning
    objects = tuple(each for each in reading.missing if not isinstance(each, _WRITING))
    if not objects and meaning.name(context.domain):
        yield from _ask(meaning, name, context)
    for fact in objects:
        for other, rank in _meant_instead(
            fact, replace(meaning, wrong=()), reading, context.namespace
        ):
            # A Service for a pod: its other pods were not meant.
            is_wider = reading.pod is not None and other.kind is Kind.SERVICE
            alone = fact.alone if isinstance(fact, PodNotInDNS) else ()
            meant = (*reading.pod.pod_ips, *alone) if reading.pod and is_wider else ()
            asks = _ask(other, name, context, rank=rank)
            yield from (replace(each, meant=meant) for each in asks)
        match fact:
            case AliasWrittenOtherwise(alias=alias):
                yield _in_file(alias)
            case LabelTooLong(cut=cut) if cut:
                yield _in_file(cut)
            case ContainerNotInDNS():
                yield _in_file("localhost")
            case BlockWithoutKubernetes(rewritten=rewritten) if rewritten:
                yield from _of_whole(rewritten, name, context)


def _of_whole(whole: str, name: str, context: NameContext) -> Iterator[Proposal]:
    """The names that lead to a Service or an endpoint by its whole name."""
    asked = parse_requested_name(whole, f"{context.domain}.")
    if asked is None or asked.kind != "svc" or not asked.service or asked.port:
        return
    meaning = Meaning(
        kind=Kind.ENDPOINT if asked.endpoint else Kind.SERVICE,
        pod=asked.endpoint,
        service=asked.service,
        namespace=asked.namespace,
    )
    yield from _ask(meaning, name, context)


def _in_file(name: str) -> Proposal:
    return Proposal(
        changes=(AskName(name),),
        sentence=f"Ask {name}, as the hosts file has it",
        name=name,
        from_file=True,
        group=f"ask {name}",
    )


Instead = Iterator[tuple[Meaning, Rank]]


def _places(elsewhere: tuple[str, ...], own: str) -> tuple[str, ...]:
    """The namespaces that are worth asking: the pod's own says it all."""
    return elsewhere[:1] if own in elsewhere[:1] else elsewhere[:2]


@singledispatch
def _meant_instead(fact: Missing, plain: Meaning, reading: Reading, own: str) -> Instead:  # noqa: ARG001
    """Meanings beside PLAIN that FACT speaks for, and what it costs to ask them."""
    yield from ()


@_meant_instead.register(NoService)
@_meant_instead.register(NoNamespace)
def _(fact: NoService | NoNamespace, plain: Meaning, _reading: Reading, own: str) -> Instead:
    for namespace in _places(fact.elsewhere, own):
        yield replace(plain, namespace=namespace), Rank.ASK
    for service in fact.near[:2] if isinstance(fact, NoService) else ():
        yield replace(plain, service=service), Rank.ASK


@_meant_instead.register(NoRecord)
def _(fact: NoRecord, _plain: Meaning, _reading: Reading, _own: str) -> Instead:
    for name in fact.near[:2]:
        yield Meaning(kind=Kind.ZONE, text=absolute(name)), Rank.ASK


@_meant_instead.register(NoPod)
def _(fact: NoPod, plain: Meaning, _reading: Reading, _own: str) -> Instead:
    for pod in fact.near[:2]:
        yield replace(plain, pod=pod), Rank.DETOUR


@_meant_instead.register(NoSuchEndpoint)
def _(fact: NoSuchEndpoint, plain: Meaning, _reading: Reading, _own: str) -> Instead:
    for hostname in near_names(fact.hostname, fact.named)[:2]:
        yield replace(plain, pod=hostname), Rank.ASK


@_meant_instead.register(OrdinalBeyondReplicas)
def _(fact: OrdinalBeyondReplicas, plain: Meaning, _reading: Reading, _own: str) -> Instead:
    """Of a set that counts from further on, its first pod; behind its last, no other is meant."""
    if fact.replicas and fact.ordinal < fact.first:
        first = replace(plain, pod=f"{fact.set}-{fact.first}")
        named = replace(first, kind=Kind.ENDPOINT, service=fact.service) if fact.service else first
        yield named, Rank.DETOUR


@_meant_instead.register(OtherHostname)
def _(fact: OtherHostname, plain: Meaning, reading: Reading, _own: str) -> Instead:
    subdomain = reading.pod.subdomain if reading.pod else ""
    yield replace(plain, pod=fact.hostname, service=subdomain or plain.service), Rank.ASK


@_meant_instead.register(OtherSubdomain)
@_meant_instead.register(OtherServiceName)
def _(
    fact: OtherSubdomain | OtherServiceName, plain: Meaning, _reading: Reading, _own: str
) -> Instead:
    if fact.subdomain:
        yield replace(plain, service=fact.subdomain), Rank.ASK


@_meant_instead.register(NoSuchPort)
def _(fact: NoSuchPort, plain: Meaning, _reading: Reading, _own: str) -> Instead:
    for port, protocol in sorted(fact.named, key=lambda each: each[0].lower() != plain.port):
        yield replace(plain, port=port, protocol=protocol.lower()), Rank.ASK


@_meant_instead.register(PodWithoutHostname)
@_meant_instead.register(NothingBelowAlias)
@_meant_instead.register(NotHeadless)
def _(_fact: Missing, plain: Meaning, _reading: Reading, _own: str) -> Instead:
    yield replace(plain, kind=Kind.SERVICE, pod=""), Rank.DETOUR


@_meant_instead.register(PodNotInDNS)
def _(fact: PodNotInDNS, plain: Meaning, reading: Reading, _own: str) -> Instead:
    if fact.whole:
        hostname, subdomain = fact.whole.split(".")[:2]
        yield replace(plain, kind=Kind.ENDPOINT, pod=hostname, service=subdomain), Rank.ASK
        return
    if reading.pod is None:
        return
    for service in fact.services[:2]:
        yield replace(plain, kind=Kind.SERVICE, pod="", service=service), Rank.MEANT
    if fact.address:
        yield replace(plain, kind=Kind.POD_ADDRESS, pod=dashed(fact.address)), Rank.DETOUR


# --- changes -----------------------------------------------------------------------------------


class _Supply(NamedTuple):
    """Changes that supply one fact, said as a clause that starts with a verb."""

    changes: tuple[Change, ...]
    clause: str
    rank: Rank
    from_file: bool = False
    asks: str = ""
    """Another name to ask with the changes in place, and the absolute one that it leads to."""
    leads_to: str = ""


def _changes(name: str, reading: Reading, context: NameContext) -> Diagnosis[tuple[Proposal, ...]]:
    """Proposals that supply all that READING lacks: one for each way to supply it."""
    writing = [each for each in reading.missing if isinstance(each, _WRITING)]
    lacks = [each for each in reading.missing if each not in writing or _is_answer(each)]
    if not lacks:
        return ()
    ways: list[tuple[_Supply, ...]] = []
    for fact in lacks:
        supplies = yield from _supplies(fact, _At(reading, context))
        if not supplies:
            return ()
        ways.append(supplies)
    rewritten = any(not _is_answer(each) for each in writing) and reading.name
    written = _forms(reading.meaning, context)[0] if rewritten else name
    proposals = []
    for at in range(max(map(len, ways))):
        chosen = [each[min(at, len(each) - 1)] for each in ways]
        changes = _joined(change for each in chosen for change in each.changes)
        clauses = tuple(dict.fromkeys(each.clause for each in chosen))
        named = next((each for each in chosen if each.asks), None)
        asked = named.asks if named else written
        if asked != name:
            changes, clauses = (*changes, AskName(asked)), (*clauses, f"ask {asked}")
        changed = Proposal(
            changes=changes,
            sentence=_sentence(clauses),
            name=asked,
            leads_to=frozenset(
                {
                    reading.name.lower(),
                    *_own_names(reading, context),
                    *(each.leads_to for each in chosen),
                }
            )
            - {""},
            from_file=any(each.from_file for each in chosen),
            rank=max(each.rank for each in chosen),
            group=f"change {at} of {reading.words}",
        )
        proposals += [changed, *_with_another_name(changed, clauses, reading, context)]
    return tuple(proposals)


def _sentence(clauses: tuple[str, ...]) -> str:
    return " and ".join((clauses[0], *(_lower(each) for each in clauses[1:])))


def _with_another_name(
    proposal: Proposal, clauses: tuple[str, ...], reading: Reading, context: NameContext
) -> Iterator[Proposal]:
    """The same change, and a form of the name that nobody outside has to answer on its way.

    A whole name goes through the search list, too: what the servers of other search domains say
    to it in the changed world is not known.
    """
    if not proposal.leads_to or any(isinstance(each, AskName) for each in proposal.changes):
        return
    if any(map(_is_answer, reading.missing)):
        return
    if reading.meaning.kind in {Kind.ALIAS, Kind.NODE, Kind.POD, Kind.ZONE, Kind.OUTSIDE}:
        return
    for form in dict.fromkeys((*_forms(reading.meaning, context)[1:2], reading.name)):
        if form != proposal.name:
            yield replace(
                proposal,
                changes=(*proposal.changes, AskName(form)),
                sentence=_sentence((*clauses, f"ask {form}")),
                name=form,
            )


def _is_answer(fact: Missing) -> bool:
    """Whether another name helps, and a change of what answers does, too."""
    return isinstance(fact, (ShadowedByLine, AddressWithoutService, AnsweredAsOtherName))


def _own_names(reading: Reading, context: NameContext) -> tuple[str, ...]:
    """For a bare pod's name: the Service of that name that a fix makes; for an alias: the name."""
    meaning = reading.meaning
    if meaning.kind is Kind.ALIAS:
        return (absolute(meaning.text.lower()),)
    if meaning.kind is not Kind.POD:
        return ()
    return (f"{meaning.pod}.{meaning.namespace}.svc.{context.domain}.",)


def _lower(clause: str) -> str:
    return clause[:1].lower() + clause[1:]


def _joined(changes: Iterable[Change]) -> tuple[Change, ...]:
    """CHANGES with the patches of one object made one: its pods are made anew once."""
    kept: list[Change] = []
    for each in changes:
        if each in kept:
            continue
        same = [at for at, old in enumerate(kept) if _is_same_patch(old, each)]
        if same:
            old = kept[same[0]]
            assert isinstance(old, Patch)
            assert isinstance(each, Patch)
            assert isinstance(old.patch, Mapping)
            assert isinstance(each.patch, Mapping)
            kept[same[0]] = replace(old, patch=_deep(old.patch, each.patch))
        else:
            kept.append(each)
    return tuple(kept)


def _is_same_patch(one: Change, other: Change) -> bool:
    return (
        isinstance(one, Patch)
        and isinstance(other, Patch)
        and (one.kind, one.namespace, one.name, one.type)
        == (other.kind, other.namespace, other.name, other.type)
        and not isinstance(one.patch, tuple)
        and not isinstance(other.patch, tuple)
    )


def _deep(one: Json, other: Json) -> Json:
    joined = dict(one)
    for key, value in other.items():
        before = joined.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[key] = _deep(before, value) if both else value  # type: ignore[arg-type]
    return joined


class _At(NamedTuple):
    """The reading that lacks a fact, and the pod that asks."""

    reading: Reading
    context: NameContext


@singledispatch
def _supplies(fact: Missing, at: _At) -> Diagnosis[tuple[_Supply, ...]]:  # noqa: ARG001
    """The ways to supply FACT, cheapest first; none where another name is all that helps."""
    yield from ()
    return ()


# --- workloads ---------------------------------------------------------------------------------


class _TemplateOwner(NamedTuple):
    """Whose pod template makes a pod; the pod itself where nothing owns it."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    def patch(self, spec: Json, metadata: Json | None = None) -> Patch:
        """A patch of the pod's spec, as its owner writes it."""
        inner: Json = {
            **({"metadata": metadata} if metadata else {}),
            **({"spec": spec} if spec else {}),
        }
        body: Json
        match self.kind:
            case "Pod":
                body = inner
            case "CronJob":
                body = {"spec": {"jobTemplate": {"spec": {"template": inner}}}}
            case _:
                body = {"spec": {"template": inner}}
        return Patch(self.kind, self.namespace, self.name, body)


_TEMPLATES = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicationController")


def _owner_of(pod: Pod) -> Diagnosis[_TemplateOwner | None]:
    """What to change for POD; None where its owner's template cannot be changed (a Job's)."""
    if pod.owner is None:
        return _TemplateOwner("Pod", pod.namespace, pod.name)
    kind, name = pod.owner.kind, pod.owner.name
    if kind in {"ReplicaSet", "Job"}:
        owner = yield from ask_one(Objects(kind, pod.namespace, name), Workload)
        if owner is None or owner.owner is None:
            return None
        kind, name = owner.owner.kind, owner.owner.name
    return _TemplateOwner(kind, pod.namespace, name) if kind in _TEMPLATES else None


@_supplies.register(NotClusterDNS)
def _(fact: NotClusterDNS, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    owner = yield from _owner_of(at.context.pod)
    if owner is None:
        return ()
    spec: dict[str, object] = {}
    clauses: list[str] = []
    if fact.volume:
        mount = {"mountPath": "/etc/resolv.conf", "$patch": "delete"}
        spec["containers"] = [{"name": fact.container, "volumeMounts": [mount]}]
        clauses.append(f"Remove the mount of {fact.volume} at /etc/resolv.conf from {owner}")
    policy = "ClusterFirstWithHostNet" if at.context.pod.host_network else "ClusterFirst"
    if policy != fact.policy:
        spec["dnsPolicy"] = policy
        clauses.append(f"Set dnsPolicy {policy} on {owner}")
    if fact.policy == "None" or fact.races:
        # musl asks all nameservers at once, so the foreign ones go; searches and options stay.
        spec["dnsConfig"] = {"nameservers": None}
        clauses = clauses or [f"Take the nameservers out of dnsConfig of {owner}"]
    return (_Supply((owner.patch(spec),), ". ".join(clauses), Rank.OWN),) if spec else ()


def _alias(name: str, address: str, context: NameContext) -> Diagnosis[tuple[_Supply, ...]]:
    owner = yield from _owner_of(context.pod)
    if owner is None or not address:
        return ()
    # A strategic patch merges hostAliases by ip and replaces the names of that item.
    same = [each.hostnames for each in context.pod.host_aliases if each.ip == address]
    # A wildcard among them stands in a manifest alone: the API server takes none.
    names = [*(each for each in (same[0] if same else ()) if "*" not in each), name]
    spec = {"hostAliases": [{"ip": address, "hostnames": names}]}
    clause = f"Add {name} to the hostAliases of {owner}"
    return (_Supply((owner.patch(spec),), clause, Rank.OWN, from_file=True),)


@_supplies.register(ShadowedByLine)
def _(fact: ShadowedByLine, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """Without the line: taken out of hostAliases, or, where nobody declared it, by a restart."""
    owner = yield from _owner_of(at.context.pod)
    if owner is None:
        return ()
    if not fact.is_alias:
        restart = Restart(owner.kind, owner.namespace, owner.name)
        return (_Supply((restart,), f"Restart {owner}: its hosts file is written again", Rank.OWN),)
    low = fact.name.lower()
    items: list[object] = []
    for alias in at.context.pod.host_aliases:
        kept = [each for each in alias.hostnames if each.lower() != low]
        if len(kept) < len(alias.hostnames):
            gone = {"hostnames": kept} if kept else {"$patch": "delete"}
            items.append({"ip": alias.ip, **gone})
    if not items:
        return ()
    clause = f"Take {fact.name} out of the hostAliases of {owner}"
    return (_Supply((owner.patch({"hostAliases": items}),), clause, Rank.OWN),)


@_supplies.register(AddressWithoutService)
def _(fact: AddressWithoutService, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The entry with the address that the Service has now."""
    owner = yield from _owner_of(at.context.pod)
    names = [e.hostnames for e in at.context.pod.host_aliases if e.ip == fact.address]
    if owner is None or not names:
        return ()
    items = [
        {"ip": fact.cluster_ip, "hostnames": list(names[0])},
        {"ip": fact.address, "$patch": "delete"},
    ]
    clause = f"Change {fact.address} to {fact.cluster_ip} in the hostAliases of {owner}"
    patch = owner.patch({"hostAliases": items})
    return (_Supply((patch,), clause, Rank.OWN, from_file=True),)


@_supplies.register(AliasHiddenByMount)
@_supplies.register(OwnNameNotInFile)
def _(fact: AliasHiddenByMount | OwnNameNotInFile, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The kubelet's own file in the place of a mounted one; a node's file stays what it is."""
    owner = yield from _owner_of(at.context.pod)
    if owner is None or fact.mount_path != "/etc/hosts":
        return ()
    mount = {"mountPath": fact.mount_path, "$patch": "delete"}
    spec = {"containers": [{"name": fact.container, "volumeMounts": [mount]}]}
    clause = f"Remove the mount of {fact.volume} at {fact.mount_path} from {owner}"
    return (_Supply((owner.patch(spec),), clause, Rank.OWN, from_file=True),)


@_supplies.register(AliasNotRolled)
@_supplies.register(FileOutdated)
def _(fact: AliasNotRolled | FileOutdated, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    owner = yield from _owner_of(at.context.pod)
    if owner is None:
        return ()
    if isinstance(fact, AliasNotRolled) and fact.paused:
        patch = Patch(owner.kind, owner.namespace, owner.name, RESUMED)
        return (_Supply((patch,), f"Resume the rollout of {owner}", Rank.OWN, from_file=True),)
    restart = Restart(owner.kind, owner.namespace, owner.name)
    return (_Supply((restart,), f"Restart {owner}", Rank.OWN, from_file=True),)


@_supplies.register(PodWithoutHostname)
@_supplies.register(OtherHostname)
@_supplies.register(OtherSubdomain)
def _(
    fact: PodWithoutHostname | OtherHostname | OtherSubdomain, at: _At
) -> Diagnosis[tuple[_Supply, ...]]:
    """Hostname or subdomain of a pod; a generated pod name is no host name that lasts."""
    pod = at.reading.pod
    if pod is None:
        return ()
    owner = yield from _owner_of(pod)
    if owner is None or owner.kind == "StatefulSet":
        return ()
    if isinstance(fact, OtherSubdomain):
        spec = {"subdomain": fact.service}
    else:
        wanted = at.reading.meaning.pod
        spec = {"hostname": wanted}
        # Another template would give all its pods a name that says one of them.
        if owner.kind != "Pod" and (wanted == pod.name or owner_in(wanted) != wanted):
            return ()
    if isinstance(fact, PodWithoutHostname) and fact.lacks_subdomain:
        spec["subdomain"] = at.reading.meaning.service
    settings = " and ".join(f"{key} {value}" for key, value in spec.items())
    clause = f"Set {settings} on {owner}"
    if owner.kind == "Pod":
        clause = f"{clause}, recreated"
    return (_Supply((owner.patch(spec),), clause, Rank.MEANT),)


@_supplies.register(OrdinalBeyondReplicas)
def _(fact: OrdinalBeyondReplicas, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    yield from ()
    count = fact.ordinal - fact.first + 1
    if count < 1:
        return ()
    patch = Patch("StatefulSet", fact.namespace, fact.set, {"spec": {"replicas": count}})
    clause = f"Scale StatefulSet {fact.namespace}/{fact.set} to {count} replicas"
    supply = _Supply((patch,), clause, Rank.MEANT)
    if fact.service:
        supply = _asking(supply, f"{fact.set}-{fact.ordinal}", fact.service, at)
    return (supply,)


def _asking(supply: _Supply, pod: str, service: str, at: _At) -> _Supply:
    """SUPPLY, and the name of the endpoint POD (of its hostname) asked below SERVICE."""
    namespace = at.reading.meaning.namespace
    own = namespace == at.context.namespace
    host = f"{pod}.{service}"
    return supply._replace(
        asks=host if own else f"{host}.{namespace}",
        leads_to=f"{host}.{namespace}.svc.{at.context.domain}.",
    )


@_supplies.register(OtherServiceName)
def _(fact: OtherServiceName, _at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    yield from ()
    spec = {"spec": {"serviceName": fact.service}}
    patch = Patch("StatefulSet", fact.namespace, fact.set, spec)
    clause = (
        f"Set serviceName {fact.service} on StatefulSet {fact.namespace}/{fact.set}, recreated: "
        "its pods restart"
    )
    return (_Supply((patch,), clause, Rank.MEANT),)


@_supplies.register(NodeNotInDNS)
def _(fact: NodeNotInDNS, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    return (yield from _alias(fact.node, fact.address, at.context))


@_supplies.register(IngressHost)
def _(fact: IngressHost, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    return (yield from _alias(at.reading.meaning.text.rstrip("."), fact.address, at.context))


@_supplies.register(WildcardInHosts)
def _(fact: WildcardInHosts, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The name itself in hostAliases; else `template`, which does for a zone what was meant."""
    own = yield from _alias(at.reading.meaning.text.rstrip("."), fact.address, at.context)
    zone = fact.entry.removeprefix("*.")
    number = parse_address(fact.address)
    block = block_of(absolute(at.reading.meaning.text), at.context)
    if block is None or number is None:
        return own
    kind = "AAAA" if number.version == 6 else "A"

    rule = (
        f"    template IN {kind} {zone} {{",
        f'        answer "{{{{ .Name }}}} 60 IN {kind} {fact.address}"',
        "        fallthrough",
        "    }",
    )
    clause = f"Answer for every name below {zone} with `template` in the Corefile"
    return (*own, *(yield from _opened(at, block.line, rule, clause)))


@_supplies.register(AliasOfOtherPod)
@_supplies.register(WrittenByInit)
def _(fact: AliasOfOtherPod | WrittenByInit, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    return (yield from _alias(at.reading.meaning.text, fact.address, at.context))


# --- Services ----------------------------------------------------------------------------------

# Labels that the control plane writes: they tell one pod or one revision from another.
_GENERATED = frozenset(
    {
        "pod-template-hash",
        "pod-template-generation",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "job-name",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    }
)


def lasting_labels(pod: Pod) -> dict[str, str]:
    """The labels that the pod's next revision has, too."""
    return {key: value for key, value in pod.labels if key not in _GENERATED}


def _headless_service(
    namespace: str, name: str, selector: Mapping[str, str], *, publishes: bool
) -> Create:
    spec: dict[str, object] = {"clusterIP": "None", "selector": dict(selector)}
    if publishes:
        spec["publishNotReadyAddresses"] = True
    metadata = {"name": name, "namespace": namespace}
    return Create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})


def _set_on_service(
    service: str, setting: str, spec: Mapping[str, object], rank: Rank = Rank.MEANT
) -> _Supply:
    """SPEC merged into that of a Service (NAMESPACE/NAME): SETTING in words."""
    namespace, name = service.split("/", 1)
    patch = Patch("Service", namespace, name, {"spec": spec}, "merge")
    return _Supply((patch,), f"Set {setting} on Service {service}", rank)


def _publishing(service: str, rank: Rank) -> _Supply:
    spec = {"publishNotReadyAddresses": True}
    return _set_on_service(service, "publishNotReadyAddresses", spec, rank)


def _selecting(service: str, labels: Mapping[str, str], old: Iterable[str] = ()) -> _Supply:
    """LABELS as the selector of a Service, in the place of one with the keys OLD."""
    gone = {key: None for key in old if key not in labels}
    setting = f"the selector {as_label_selector(labels.items())}"
    return _set_on_service(service, setting, {"selector": {**gone, **labels}})


@_supplies.register(NoService)
@_supplies.register(SubdomainWithoutService)
def _(fact: NoService | SubdomainWithoutService, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """A headless Service for the pods that are there: a cluster IP is not known before."""
    if not _may_be_named(fact.service):
        return ()
    if at.reading.pod is not None:
        pods: tuple[Pod, ...] = (at.reading.pod,)
    else:
        every = known((yield from ask(Objects("Pod", fact.namespace), Pod)))
        governed = tuple(each for each in every if each.subdomain == fact.service)
        asking = at.context.pod
        others = (each for each in every if not _is_of_one_workload(each, asking))
        pods = governed or tuple(each for each in others if _is_of(each, fact.service))
    selectors = [lasting_labels(each) for each in pods if lasting_labels(each)]
    publishes = not any(each.ready for each in pods)
    if not selectors:
        return _with_a_label(fact, pods, publishes=publishes)
    new = _headless_service(fact.namespace, fact.service, selectors[0], publishes=publishes)
    clause = f"Create headless Service {fact.object} for {_pods_in_words(pods)}"
    return (_Supply((new,), clause, Rank.NEW),)


def _with_a_label(
    fact: NoService | SubdomainWithoutService, pods: tuple[Pod, ...], *, publishes: bool
) -> tuple[_Supply, ...]:
    """A pod that nobody made for a Service has no label that one could select it by."""
    if len(pods) != 1 or pods[0].owner is not None or len(pods[0].name) > _LONGEST_LABEL_VALUE:
        return ()
    labels = {"app": pods[0].name}
    label = Patch("Pod", fact.namespace, pods[0].name, {"metadata": {"labels": labels}}, "merge")
    new = _headless_service(fact.namespace, fact.service, labels, publishes=publishes)
    clause = (
        f"Label pod {pods[0].name} with {as_label_selector(labels.items())} and create headless "
        f"Service {fact.object} for it"
    )
    return (_Supply((label, new), clause, Rank.NEW),)


# k8s.io/apimachinery validation.go LabelValueMaxLength.
_LONGEST_LABEL_VALUE = 63


def _may_be_named(name: str) -> bool:
    """RFC 1035: a Service's name starts with a letter, has no `_`, and ends with neither."""
    parts = name.split("-")
    return (
        bool(name)
        and name.isascii()
        and name[0].isalpha()
        and name[-1].isalnum()
        and all(part.isalnum() or not part for part in parts)
        and name == name.lower()
        and len(name) < 64
    )


def _is_of_one_workload(pod: Pod, other: Pod) -> bool:
    """Whether both are one pod, or replicas: none asks for itself by the name of a Service."""
    is_owned = pod.owner is not None and other.owner is not None
    by_owner = is_owned and pod.owner == other.owner
    return pod.namespace == other.namespace and (pod.name == other.name or by_owner)


def _is_of(pod: Pod, service: str) -> bool:
    """Whether a pod looks like one of that Service: by its name, its owner's, or a label."""
    if pod.is_finished:
        return False
    owner = pod.owner.name if pod.owner else ""
    contained = any(each.name == service for each in pod.containers)
    named = contained or service in {pod.name, owner} or owner.startswith(f"{service}-")
    return named or service in lasting_labels(pod).values()


def _pods_in_words(pods: tuple[Pod, ...]) -> str:
    if len(pods) == 1:
        return f"pod {pods[0].name}"
    return f"its {len(pods)} pods"


@_supplies.register(PodNotInDNS)
def _(fact: PodNotInDNS, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """A bare pod gets a Service of its own name; a workload's pod names do not last.

    A pod that has a name below its Service, and is not ready, is published, and asked by it.
    """
    pod = at.reading.pod
    if pod is not None and fact.whole and fact.is_waiting:
        supply = _publishing(f"{pod.namespace}/{pod.subdomain}", Rank.SHARED)
        return (_asking(supply, pod.hostname, pod.subdomain, at),)
    if (
        pod is None
        or pod.owner is not None
        or not _may_be_named(pod.name)
        or not lasting_labels(pod)
    ):
        return ()
    labels = lasting_labels(pod)
    alike = Objects("Pod", pod.namespace, labels=as_label_selector(labels.items()))
    if len(known((yield from ask(alike, Pod)))) > 1:
        return ()  # the Service would answer with the others as well
    new = _headless_service(pod.namespace, pod.name, labels, publishes=not pod.ready)
    clause = f"Create headless Service {pod.namespace}/{pod.name} for the pod"
    return (_Supply((new,), clause, Rank.NEW),)


@_supplies.register(SelectsNoPod)
def _(fact: SelectsNoPod, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """Another selector for a Service that selects nothing: no client loses anything by it.

    Pods of another namespace need a Service there, and its name.
    """
    if len(fact.elsewhere) == 1:
        place = fact.elsewhere[0]
        new = _headless_service(place, fact.service, dict(fact.selector), publishes=False)
        own = place == at.context.namespace
        supply = _Supply(
            (new,),
            f"Create headless Service {place}/{fact.service} beside its pods",
            Rank.NEW,
            asks=fact.service if own else f"{fact.service}.{place}",
            leads_to=f"{fact.service}.{place}.svc.{at.context.domain}.",
        )
        return (supply,)
    every = known((yield from ask(Objects("Pod", fact.namespace), Pod)))
    old = dict(fact.selector)
    scored: dict[tuple[tuple[str, str], ...], int] = {}
    for pod in every:
        labels = lasting_labels(pod)
        if pod.is_finished or not labels:
            continue
        score = _likeness(fact, pod, labels)
        shared = {key: labels[key] for key in old if key in labels}
        selector = (
            shared if len(shared) == len(old) or score < 2 else {**shared, **_naming(fact, labels)}
        )
        if score and selector:
            key = tuple(selector.items())
            scored[key] = max(score, scored.get(key, 0))
    likest = sorted(scored, key=lambda each: -scored[each])[:2]
    service = fact.object
    return tuple(_selecting(service, dict(each), old) for each in likest)


def _likeness(fact: SelectsNoPod, pod: Pod, labels: Mapping[str, str]) -> int:
    """How much a pod looks like one that the Service means; 0: nothing speaks for it."""
    values = [value for _, value in fact.selector]
    same_keys = [key for key, _ in fact.selector if key in labels]
    near = [
        key for key, value in fact.selector if key in labels and near_names(value, (labels[key],))
    ]
    equal = [key for key, value in fact.selector if labels.get(key) == value]
    moved = [value for value in values if value in labels.values()]
    named = _is_of(pod, fact.service) or any(_is_of(pod, value) for value in values)
    return (
        3 * len(near)
        + 2 * len(equal)
        + 2 * len(moved)
        + 2 * named
        # Its governing Service (serviceName) says more than a word like another.
        + 4 * (pod.subdomain == fact.service)
        + (len(same_keys) == 1 and named)
    )


def _naming(fact: SelectsNoPod, labels: Mapping[str, str]) -> dict[str, str]:
    """The label that names what the pod is: one with a wanted value, else `app` or its like."""
    values = {fact.service, *(value for _, value in fact.selector)}
    wanted = {key: value for key, value in labels.items() if value in values}
    if wanted:
        return wanted
    for key in ("app.kubernetes.io/name", "app", "k8s-app", "name"):
        if key in labels:
            return {key: labels[key]}
    return dict(labels)


@_supplies.register(NoSelectorNoSlice)
def _(fact: NoSelectorNoSlice, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    supplies = []
    if fact.endpoints:
        slices = yield from _slices_of_endpoints(fact)
        clause = (
            f"Give Service {fact.object} an EndpointSlice with the addresses of "
            f"Endpoints {fact.endpoints}"
        )
        supplies += [_Supply(slices, clause, Rank.MEANT)] if slices else []
    for name in fact.unlabelled[:2]:
        labels = {"metadata": {"labels": {SERVICE_NAME: fact.service}}}
        change = Patch("EndpointSlice", fact.namespace, name, labels, "merge")
        clause = f"Label EndpointSlice {fact.namespace}/{name} with {SERVICE_NAME}={fact.service}"
        supplies.append(_Supply((change,), clause, Rank.MEANT))
    pods = known((yield from ask(Objects("Pod", fact.namespace), Pod)))
    alike = [lasting_labels(each) for each in pods if _is_of(each, fact.service)]
    # Else those of the one kind that has the labels of the Service itself.
    own = dict(at.reading.service.labels if at.reading.service else ()).items()
    bearing = [lasting_labels(each) for each in pods if own and not each.is_finished]
    sharing = [each for each in bearing if each.items() >= own]
    is_one = bool(sharing) and all(each == sharing[0] for each in sharing)
    named = [each for each in alike if each] or (sharing if is_one else [])
    supplies += [_selecting(fact.object, each) for each in named[:1]]
    return tuple(supplies)


def _slices_of_endpoints(fact: NoSelectorNoSlice) -> Diagnosis[tuple[Change, ...]]:
    """What the mirroring controller would make of the Endpoints, had they the Service's name."""
    found = yield from find(Objects("Endpoints", fact.namespace, fact.endpoints))
    if isinstance(found, CouldNotLook) or not found.raw:
        return ()
    made: list[Change] = []
    for subset in items(found.raw[0], "subsets"):
        addresses = [text(each, "ip") for each in items(subset, "addresses")]
        if not addresses:
            continue
        made.append(_slice(fact, len(made) + 1, addresses, items(subset, "ports")))
    return tuple(made)


def _slice(
    fact: NoSelectorNoSlice | TargetIsAddress,
    number: int,
    addresses: Sequence[str],
    ports: Iterable[Json] = (),
) -> Create:
    """A slice with ADDRESSES for the Service of FACT."""
    return Create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{fact.service}-{number}",
                "namespace": fact.namespace,
                "labels": {SERVICE_NAME: fact.service},
            },
            "addressType": "IPv6" if ":" in addresses[0] else "IPv4",
            "ports": [dict(each) for each in ports],
            "endpoints": [
                {"addresses": [each], "conditions": {"ready": True}} for each in addresses
            ],
        }
    )


@_supplies.register(NoneReady)
@_supplies.register(PodNotReady)
def _(fact: NoneReady | PodNotReady, _at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    if isinstance(fact, NoneReady) and not fact.has_selector:
        return (yield from _made_ready(fact))
    if isinstance(fact, PodNotReady) and fact.ended:
        return ()
    rank = Rank.MEANT if isinstance(fact, NoneReady) else Rank.SHARED
    return (_publishing(fact.object, rank),)


def _made_ready(fact: NoneReady) -> Diagnosis[tuple[_Supply, ...]]:
    """Slices that people write say themselves whether an endpoint is ready."""
    read = Objects("EndpointSlice", fact.namespace, labels=f"{SERVICE_NAME}={fact.service}")
    slices = yield from ask(read, EndpointSlice)
    if isinstance(slices, CouldNotLook):
        return ()
    written = [each for each in slices if not _manager(each)]
    changes = tuple(
        Patch(
            "EndpointSlice",
            each.namespace,
            each.name,
            tuple(
                {"op": "add", "path": f"/endpoints/{at}/conditions", "value": {"ready": True}}
                for at, _ in enumerate(each.endpoints)
            ),
            "json",
        )
        for each in written
    )
    if not changes:
        return ()
    names = " and ".join(each.object for each in written[:2])
    clause = f"Say in EndpointSlice {names} that its endpoints are ready"
    return (_Supply(changes, clause, Rank.MEANT),)


@_supplies.register(NoSuchEndpoint)
def _(fact: NoSuchEndpoint, _at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The host name for the one endpoint that has none; of several nobody knows which is meant."""
    if len(fact.unnamed) != 1:
        return ()
    ((name, at),) = fact.unnamed
    part = yield from ask_one(Objects("EndpointSlice", fact.namespace, name), EndpointSlice)
    if part is None or _manager(part):
        return ()
    add = {"op": "add", "path": f"/endpoints/{at}/hostname", "value": fact.hostname}
    change = Patch("EndpointSlice", fact.namespace, name, (add,), "json")
    clause = f"Give the endpoint of EndpointSlice {part.object} the hostname {fact.hostname}"
    return (_Supply((change,), clause, Rank.MEANT),)


def _manager(part: EndpointSlice) -> str:
    managed = dict(part.labels).get("endpointslice.kubernetes.io/managed-by", "")
    return managed if managed.endswith("controller.k8s.io") else ""


@_supplies.register(TargetIsAddress)
def _(fact: TargetIsAddress, _at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """A headless Service without selector, and a slice that holds the address."""
    yield from ()
    service = fact.object
    spec = {"type": "ClusterIP", "externalName": None, "clusterIP": "None"}
    headless = Patch("Service", fact.namespace, fact.service, {"spec": spec}, "merge")
    clause = f"Make Service {service} headless, with an EndpointSlice for {fact.target}"
    return (_Supply((headless, _slice(fact, 1, (fact.target,))), clause, Rank.MEANT),)


@_supplies.register(TargetNotFound)
def _(fact: TargetNotFound, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """Another target; else what the target lacks."""
    others = (
        f"{service}.{namespace}.svc.{at.context.domain}"
        for each in fact.lacks
        for service, namespace in _alike(each)
        if (namespace, service) != (fact.namespace, fact.service)
    )
    whole = fact.whole or next(others, "")
    supplies: tuple[_Supply, ...] = ()
    if whole:
        service = fact.object
        supplies = (_set_on_service(service, f"externalName {whole}", {"externalName": whole}),)
    if len(fact.lacks) == 1:
        supplies += yield from _supplies(fact.lacks[0], at)
    return supplies


def _alike(fact: Missing) -> Iterator[tuple[str, str]]:
    """The Services, as (name, namespace), that an absent one is likely meant for."""
    if isinstance(fact, NoService):
        yield from ((each, fact.namespace) for each in fact.near)
    if isinstance(fact, (NoService, NoNamespace)):
        yield from ((fact.service, each) for each in fact.elsewhere)


@_supplies.register(NoSuchPort)
def _(fact: NoSuchPort, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    service = at.reading.service
    if fact.unnamed is None or service is None:
        return ()
    clause = f"Name the port {fact.port} in "
    if service.selector or not service.is_headless:
        path, kind, name = f"/spec/ports/{fact.unnamed}/name", "Service", fact.service
    else:
        read = Objects("EndpointSlice", fact.namespace, labels=f"{SERVICE_NAME}={fact.service}")
        slices = yield from ask(read, EndpointSlice)
        if isinstance(slices, CouldNotLook) or not slices:
            return ()
        if _manager(slices[0]):
            kind, name, path = "Endpoints", fact.service, f"/subsets/0/ports/{fact.unnamed}/name"
        else:
            kind, name, path = "EndpointSlice", slices[0].name, f"/ports/{fact.unnamed}/name"
    change = Patch(
        kind, fact.namespace, name, ({"op": "add", "path": path, "value": fact.port},), "json"
    )
    clause = f"Name the port {fact.port} in {kind} {fact.namespace}/{name}"
    return (_Supply((change,), clause, Rank.MEANT),)


def _selected_instead(fact: NotSelected, pod: Pod) -> Diagnosis[tuple[_Supply, ...]]:
    """Another selector, for a Service that selects nothing: no client loses anything by it."""
    old = as_label_selector(fact.selector)
    taken = yield from ask(Objects("Pod", fact.namespace, labels=old), Pod)
    new = lasting_labels(pod)
    if isinstance(taken, CouldNotLook) or taken or not new:
        return ()
    old_keys = (key for key, _ in fact.selector)
    return (_selecting(fact.object, new, old_keys),)


@_supplies.register(NotSelected)
def _(fact: NotSelected, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The labels that the selector asks for, on the pod's template; else another selector."""
    pod = at.reading.pod
    if pod is None:
        return ()
    labels = dict(pod.labels)
    lacks = {key: value for key, value in fact.selector if labels.get(key) != value}
    owner = yield from _owner_of(pod)
    if not fact.selector:
        lasting = lasting_labels(pod)
        service = fact.object
        clause = f"Give Service {service} a selector for pod {fact.pod}"
        given = _selecting(service, lasting)._replace(clause=clause, rank=Rank.SHARED)
        return (given,) if lasting else ()
    # A label that is there may be what the workload's own selector counts on: it stays.
    if owner is None or (owner.kind != "Pod" and any(key in labels for key in lacks)):
        return (yield from _selected_instead(fact, pod))
    shown = as_label_selector(lacks.items())
    clause = f"Label {owner} with {shown}"
    if owner.kind == "Pod":
        patch = Patch("Pod", pod.namespace, pod.name, {"metadata": {"labels": lacks}}, "merge")
    else:
        patch = owner.patch({}, {"labels": lacks})
        clause = f"Label the pods of {owner} with {shown}"
    return (_Supply((patch,), clause, Rank.MEANT),)


# --- the Corefile ------------------------------------------------------------------------------


@_supplies.register(NotExposed)
def _(fact: NotExposed, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The labels that the option asks for; the namespace added to option `namespaces`."""
    if fact.lacks:
        kind, _, name = fact.what.partition(" ")
        namespace = fact.namespace if kind == "Service" else ""
        labels = {"metadata": {"labels": dict(fact.lacks)}}
        change = Patch(kind.capitalize(), namespace, name.rpartition("/")[2], labels, "merge")
        shown = as_label_selector(fact.lacks)
        return (_Supply((change,), f"Label {fact.what} with {shown}", Rank.MEANT),)
    if not fact.option.startswith("namespaces"):
        return ()

    def edit(lines: list[str]) -> list[str] | None:
        for line in range(fact.line - 1, len(lines)):
            words = lines[line].split()
            if words[:1] == ["namespaces"]:
                longer = f"{lines[line].rstrip()} {fact.namespace}"
                return [*lines[:line], longer, *lines[line + 1 :]]
            if words[:1] == ["}"]:
                return None
        return None

    clause = f"Add {fact.namespace} to `namespaces` in the Corefile"
    return (yield from _edited(at.context, edit, clause, line=fact.line))


@_supplies.register(AnsweredAsOtherName)
def _(fact: AnsweredAsOtherName, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    def edit(line: str) -> tuple[str, ...]:
        return () if line.rstrip().endswith("{") else (f"{line.rstrip()} answer auto",)

    clause = f"Add `answer auto` to Corefile line {fact.line}"
    supplies = yield from _edited_line(at, fact.line, edit, clause)
    # A rule without anchors makes it of what the search list makes, too.
    block = block_of(at.reading.name, at.context)
    made = (each.name for each in at.context.asked if block)
    same = (each for each in made if block and rewritten(each, block)[0] == fact.line)
    asked = next(same, "").lower()
    return tuple(each._replace(leads_to=asked) for each in supplies)


@_supplies.register(EntryNotReached)
def _(fact: EntryNotReached, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The entry in a block of its own: 3.1, the block of the longest zone is asked.

    Where the cache on the node is in between, a block of its own there leads to the cluster's DNS.
    """
    if fact.by.startswith(CACHE):
        return (yield from _passed_by_cache(fact.name, 0, at.context))
    if fact.written:
        said = f"Write {fact.instead} for {fact.written} in Corefile line {fact.line}"
        return (yield from _rewritten_line(fact.line, fact.written, fact.instead, said, at))
    server = at.context.authority
    port = serving_port(server) if server else 53
    inner = "".join(f"        {each} {fact.name}\n" for each in fact.addresses)
    block = f"{fact.name}:{port} {{\n    hosts {{\n{inner}    }}\n}}\n"

    def edit(lines: list[str]) -> list[str] | None:
        text = "\n".join(lines).rstrip("\n")
        return f"{text}\n{block}".split("\n")

    clause = f"Give {fact.name} a block of its own with its `hosts` entry in the Corefile"
    return (yield from _edited(at.context, edit, clause))


def _rewritten_line(
    line: int, written: str, instead: str, clause: str, at: _At
) -> Diagnosis[tuple[_Supply, ...]]:
    """INSTEAD for what is WRITTEN in a LINE of the Corefile."""

    def edit(old: str) -> tuple[str, ...]:
        return (old.replace(written, instead),) if written in old else ()

    return (yield from _edited_line(at, line, edit, clause))


@_supplies.register(FamilyDenied)
def _(fact: FamilyDenied, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    clause = f"Write NOERROR for NXDOMAIN in Corefile line {fact.line}"
    return (yield from _rewritten_line(fact.line, "NXDOMAIN", "NOERROR", clause, at))


@_supplies.register(PatternNeverMatches)
def _(fact: PatternNeverMatches, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    with_dot = f"{fact.pattern[:-1]}\\.$"
    clause = f"Write {with_dot} in Corefile line {fact.line}"
    return (yield from _rewritten_line(fact.line, fact.pattern, with_dot, clause, at))


@_supplies.register(TemplateTypeWrong)
def _(fact: TemplateTypeWrong, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    def edit(lines: list[str]) -> list[str] | None:
        new = list(lines)
        for number, written, instead in fact.swaps:
            if not 0 < number <= len(new):
                return None
            new[number - 1] = new[number - 1].replace(f" {written} ", f" {instead} ", 1)
        return new if new != lines else None

    said = (f"{instead} for {written} in Corefile line {n}" for n, written, instead in fact.swaps)
    return (yield from _edited(at.context, edit, f"Write {' and '.join(said)}", line=fact.line))


@_supplies.register(FileLeftOut)
def _(fact: FileLeftOut, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The key among the `items` of the volume: a list that a patch replaces whole."""
    server = at.context.server
    pods = (yield from _dns_pods(server)) if server else ()
    owner = (yield from _owner_of(pods[0])) if pods else None
    name = fact.config_map.rpartition("/")[2]
    volumes = (each for each in pods[0].volumes if each.refers_to == name) if pods else iter(())
    volume = next(volumes, None)
    if owner is None or owner.kind == "Pod" or volume is None:
        return ()
    items = [*(each for source in volume.config_maps for each in source.items), (fact.key,) * 2]
    listed = [{"key": key, "path": path} for key, path in items]
    source = {"name": volume.name, "configMap": {"name": name, "items": listed}}
    clause = f"Add {fact.key} to the items of volume {volume.name} of {owner}"
    return (_Supply((owner.patch({"volumes": [source]}),), clause, Rank.COREFILE),)


@_supplies.register(EntryNotTaken)
def _(fact: EntryNotTaken, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    name = at.reading.meaning.text.rstrip(".")

    def edit(line: str) -> tuple[str, ...]:
        return line, f"{_indent(line)}{fact.address} {name}"

    clause = f"Add the entry {fact.address} {name} to `hosts` in the Corefile"
    return (yield from _edited_line(at, fact.line, edit, clause))


@_supplies.register(RewrittenByCache)
def _(fact: RewrittenByCache, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    name = at.reading.meaning.text.rstrip(".")
    return (yield from _passed_by_cache(name, fact.line, at.context))


def _passed_by_cache(name: str, rule: int, context: NameContext) -> Diagnosis[tuple[_Supply, ...]]:
    """In node-local-dns, the block of the cluster's zone once more, for NAME and line RULE."""
    cache = context.server
    zone = f"{context.domain}."
    if cache is None:
        return ()
    blocks = (each for each in cache.blocks if zone in each.zones)
    like = next((each for each in blocks if goes_behind(each, cache)), None)
    if like is None:
        return ()

    def edit(lines: list[str]) -> list[str] | None:
        head = lines[like.line - 1] if 0 < like.line <= len(lines) else ""
        end = next((n for n in range(like.line, len(lines)) if lines[n].rstrip() == "}"), None)
        if end is None or not head.rstrip().endswith("{") or head[:1].isspace():
            return None
        taken = lines[rule - 1 : rule] if rule else []
        own = [f"{name}:{serving_port(cache)} {{", *taken, *_shareable(lines[like.line : end])]
        return [*lines[: end + 1], *own, "}", *lines[end + 1 :]]

    clause = f"Send {name} to the cluster's DNS in ConfigMap {cache.object}"
    return (yield from _edited(context, edit, clause, cache))


# plugin/health, ready and pprof READMEs: an address is listened on once.
_ONCE = frozenset({"health", "ready", "pprof"})


def _shareable(lines: list[str]) -> Iterator[str]:
    """The lines of a block without the plugins that a second block must not have."""
    within = False
    for line in lines:
        words = line.split()
        if within:
            within = words[:1] != ["}"]
        elif words[:1] and words[0] in _ONCE:
            within = words[-1] == "{"
        else:
            yield line


@_supplies.register(PodNamesDisabled)
def _(fact: PodNamesDisabled, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    clause = "Add `pods insecure` to `kubernetes` in the Corefile"
    return (yield from _with_new_option(at, fact.line, "pods insecure", clause))


# RFC 1035 3.3.13: the serial stands behind the zone's server and mailbox.
_SERIAL = re.compile(
    r"\bSOA\s+\S+\s+\S+(?:\s|\(|;[^\n]*\n)+(?P<serial>[0-9]{1,10})\b", re.IGNORECASE
)


@_supplies.register(NoRecord)
def _(fact: NoRecord, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """A record with the address of the Service that is called like the name.

    plugin/file README: a zone is read again where its serial has changed.
    """
    name = at.reading.name
    server = at.context.authority
    where = server.file_sources.get(fact.file, "") if server else ""
    read = Objects("Service", at.context.namespace, name.partition(".")[0])
    service = yield from ask_one(read, Service)
    ips = service.cluster_ips if service and not service.is_headless else ()
    if "/" not in where or not ips:
        return ()
    key = basename(fact.file)
    namespace, config_map = where.split("/", 1)
    old = (yield from _text_of(namespace, config_map, key)) or ""
    kind = "AAAA" if ":" in ips[0] else "A"
    serial = _SERIAL.search(old)
    if serial is None:
        return ()
    start, end = serial.span("serial")
    counted = f"{old[:start]}{int(serial['serial']) + 1}{old[end:]}".rstrip("\n")
    new = f"{counted}\n{name} IN {kind} {ips[0]}\n"
    change = EditCorefile(namespace, config_map, key, old, new)
    clause = f"Add {name.rstrip('.')} ({ips[0]}) to zone file {key} in ConfigMap {where}"
    return (_Supply((change,), clause, Rank.COREFILE),)


@_supplies.register(CorefileRefused)
def _(fact: CorefileRefused, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The Corefile without what its release does not know; what only a person can tell stays."""
    server = at.context.authority
    if server is None or "/" not in server.object:
        return ()
    namespace, name = server.object.split("/", 1)
    old = (yield from _text_of(namespace, name, "Corefile")) or ""
    to = _NO_TARGET.fullmatch(fact.message)
    address = (yield from _cluster_ip(to["name"], at.context)) if to else ""
    mended, clauses = without_refused(old, server, {to["name"]: address} if to and address else {})
    if not clauses:
        return ()
    change = EditCorefile(namespace, name, "Corefile", old, mended)
    clause = f"{_sentence(clauses)} in the Corefile"
    return (_Supply((change,), clause, Rank.COREFILE),)


_NO_TARGET = re.compile(r'plugin/forward: not an IP address or file: "(?P<name>[^":]+)"')
_MOST_REFUSALS = 8


def _cluster_ip(name: str, context: NameContext) -> Diagnosis[str]:
    """The address of the Service that NAME is in the cluster's DNS, "" where it is none."""
    service, _, rest = name.rstrip(".").lower().partition(".")
    namespace, _, form = rest.partition(".")
    if not namespace or form not in {"", "svc", f"svc.{context.domain}"}:
        return ""
    there = yield from ask_one(Objects("Service", namespace, service), Service)
    return next(iter(there.cluster_ips), "") if there and not there.is_headless else ""


def without_refused(
    text: str, server: ClusterDNS, addresses: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """TEXT as CoreDNS loads it, and what was changed for it; no changes where nobody knows which.

    ADDRESSES are those of names, which `forward` does not take.
    """
    clauses: list[str] = []
    for _ in range(_MOST_REFUSALS):
        error = parse_corefile(text, files=server.files, version=server.version)
        if isinstance(error, Corefile):
            return text, tuple(dict.fromkeys(clauses))
        lines = text.split("\n")
        if error.file or not 0 < error.line <= len(lines):
            break
        mends = (mend(error, lines, addresses) for mend in _MENDS)
        clause, lines = next((each for each in mends if each), ("", lines))
        if not clause:
            break
        clauses.append(clause)
        text = "\n".join(lines)
    return text, ()


_Mended = tuple[str, list[str]] | None
"""The clause of a change of the Corefile, and its lines after it."""


def _closed(error: CorefileError, lines: list[str], _: Mapping[str, str]) -> _Mended:
    """A brace that is missing, by how the lines are indented."""
    option = _UNKNOWN_PROPERTY.fullmatch(error.message)
    is_open = error.message.startswith(("Syntax error: Unexpected end", "Unexpected EOF"))
    if not is_open and (option is None or option["word"] not in PLUGINS):
        return None
    closed, missing = _with_braces(lines)
    return (f"Close the brace of line {missing[0]}", closed) if missing else None


def _with_braces(lines: list[str]) -> tuple[list[str], list[int]]:
    """LINES with a brace before each line that is not indented as in one, and what they close."""
    opened: list[tuple[str, int]] = []
    closed: list[str] = []
    missing: list[int] = []

    def close(most: int) -> None:
        while opened and most <= len(opened[-1][0]):
            indent, line = opened.pop()
            missing.append(line)
            closed.append(f"{indent}}}")

    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if words == ["}"]:
            close(len(_indent(line)) + 1)
            del opened[-1:]
        elif words:
            close(len(_indent(line)))
        if words[-1:] == ["{"]:
            opened.append((_indent(line), number))
        closed.append(line)
    ends = closed[-1] == ""
    del closed[len(closed) - ends :]
    close(0)
    return [*closed, *[""] * ends], missing


def _spelt(error: CorefileError, lines: list[str], _: Mapping[str, str]) -> _Mended:
    """A plugin, or an option of one, that is a slip away from one that there is."""
    words = lines[error.line - 1].split()
    plugin, _said, _of = error.message.removeprefix("plugin/").partition(": ")
    is_plugin = error.message == f"Unknown directive '{words[0]}'" if words else False
    known = tuple(PLUGINS) if is_plugin else options_of(plugin)
    if not words or (words[0] in known and words[0] != "proxy"):
        return None
    # notes/coredns-1.5.0.md: `forward` takes the place of `proxy`.
    near = ["forward"] if words[0] == "proxy" else [e for e in known if is_near(words[0], e)]
    if not near:
        return None
    clause = f"Write `{near[0]}` for `{words[0]}`"
    return clause, _with_line(lines, error.line, words[0], near[0])


def _with_line(lines: list[str], line: int, written: str, instead: str) -> list[str]:
    changed = lines[line - 1].replace(written, instead, 1)
    return [*lines[: line - 1], changed, *lines[line:]]


def _passed_last(error: CorefileError, lines: list[str], _: Mapping[str, str]) -> _Mended:
    """`fallthrough` behind the entries of `hosts`: hosts/setup.go takes none after it."""
    option = _UNKNOWN_PROPERTY.fullmatch(error.message)
    if option is None or option["plugin"] != "hosts" or parse_address(option["word"]) is None:
        return None
    before = range(error.line - 2, -1, -1)
    at = next((n for n in before if lines[n].split()[:1] == ["fallthrough"]), None)
    end = next((n for n in range(error.line, len(lines)) if lines[n].split() == ["}"]), None)
    if at is None or end is None:
        return None
    moved = [*lines[:at], *lines[at + 1 : end], lines[at], *lines[end:]]
    return "Move `fallthrough` behind the entries of `hosts`", moved


def _once(error: CorefileError, lines: list[str], _: Mapping[str, str]) -> _Mended:
    """One of a plugin that stands twice: what the second has of its own goes into the first."""
    head = lines[error.line - 1].split()
    if not error.message.endswith(ONCE) or not head:
        return None
    starts = [n for n, line in enumerate(lines) if line.split()[:1] == head[:1]]
    first = max((n for n in starts if n < error.line - 1), default=None)
    if first is None:
        return None
    (body, end), (there, last) = _braces(lines, error.line - 1), _braces(lines, first)
    told = [each.split() for each in there]
    own = [each for each in body if each.split() not in [*told, ["fallthrough"]]]
    is_same = lines[first].split() == head
    if (own and not (head[0] == "hosts" and is_same)) or (head[0] == "kubernetes" and not is_same):
        return None
    clause = (
        "Put the entries of both `hosts` into one" if own else f"Take the second `{head[0]}` out"
    )
    between = lines[last + 1 : error.line - 1]
    merged = [lines[first], *own, *lines[first + 1 : last + 1]]
    return clause, [*lines[:first], *merged, *between, *lines[end + 1 :]]


def _braces(lines: list[str], start: int) -> tuple[list[str], int]:
    """The lines in the braces that open on line START (from 0), and the last line of the two."""
    if lines[start].split()[-1:] != ["{"]:
        return [], start
    end = next((n for n in range(start, len(lines)) if lines[n].split() == ["}"]), start)
    return lines[start + 1 : end], end


def _without_option(error: CorefileError, lines: list[str], _: Mapping[str, str]) -> _Mended:
    """An option that the plugin does not have; a plugin there is a brace that is missing."""
    unknown = _UNKNOWN_PROPERTY.fullmatch(error.message)
    words = lines[error.line - 1].split()
    if not unknown or words[:1] != [unknown["word"]] or "{" in words or words[0] in PLUGINS:
        return None
    clause = f"Take `{unknown['word']}` out of `{unknown['plugin']}`"
    return clause, [*lines[: error.line - 1], *lines[error.line :]]


def _by_address(error: CorefileError, lines: list[str], addresses: Mapping[str, str]) -> _Mended:
    to = _NO_TARGET.fullmatch(error.message)
    if to is None or to["name"] not in addresses:
        return None
    name, address = to["name"], addresses[to["name"]]
    return f"Write {address} for {name}", _with_line(lines, error.line, name, address)


_UNKNOWN_PROPERTY = re.compile(r"plugin/(?P<plugin>\w+): unknown property '(?P<word>[^']*)'")
_MENDS = (_closed, _spelt, _passed_last, _once, _without_option, _by_address)


@_supplies.register(RewrittenToAddress)
def _(fact: RewrittenToAddress, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """An entry of `hosts` in the place of the rule: the block may have one `hosts`."""
    name = at.reading.meaning.text.rstrip(".")
    block = block_of(absolute(name), at.context)
    there = block.first("hosts") if block else None

    def edit(lines: list[str]) -> list[str] | None:
        rule = lines[fact.line - 1] if 0 < fact.line <= len(lines) else ""
        if name not in rule.split() or rule.rstrip().endswith("{"):
            return None
        outer, entry = _indent(rule), f"{fact.address} {name}"
        if there is None:
            plugin = ("hosts {", f"    {entry}", "    fallthrough", "}")
            return [*lines[: fact.line - 1], *(outer + e for e in plugin), *lines[fact.line :]]
        if not lines[there.line - 1].rstrip().endswith("{"):
            return None
        added = [*lines[: there.line], f"{outer}    {entry}", *lines[there.line :]]
        del added[fact.line if fact.line > there.line else fact.line - 1]
        return added

    clause = f"Write the entry {fact.address} {name} of `hosts` for Corefile line {fact.line}"
    return (yield from _edited(at.context, edit, clause, line=fact.line))


@_supplies.register(RewrittenToNothing)
def _(fact: RewrittenToNothing, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """Another name in the rule, where it is written out; else what the name lacks."""
    supplies: tuple[_Supply, ...] = ()
    where = f"in Corefile line {fact.line}"
    for lack in fact.lacks:
        alike = [f"{'.'.join(other)}.svc.{at.context.domain}" for other in _alike(lack)]
        whole = lack.form if isinstance(lack, LabelMissing) else next(iter(alike), "")
        clause = f"Write {whole} {where}"
        if whole:
            supplies += yield from _rewritten_line(fact.line, fact.rewritten, whole, clause, at)
        if not isinstance(lack, (NoNamespace, NoService)):
            continue
        for space in lack.elsewhere:
            # A rule for many names has the namespace in it, and not the whole name.
            old, new = f".{lack.namespace}.svc", f".{space}.svc"
            clause = f"Write {new} for {old} {where}"
            supplies += yield from _rewritten_line(fact.line, old, new, clause, at)
    if len(fact.lacks) == 1:
        supplies += yield from _supplies(fact.lacks[0], at)
    return supplies


@_supplies.register(BlockWithoutKubernetes)
def _(fact: BlockWithoutKubernetes, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The plugin that knows Services, in the block that rewrites to their names."""
    zone, plugin = fact.zone.removesuffix(".") or ".", f"kubernetes {at.context.domain}"
    clause = f"Add `{plugin}` to block {zone} of the Corefile"
    return (yield from _opened(at, fact.line, (f"    {plugin}",), clause))


@_supplies.register(NoServiceName)
def _(fact: NoServiceName, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The zone passed on: proved where what comes behind the plugin is known (a zone file)."""

    def edit(lines: list[str]) -> list[str] | None:
        for line in range(fact.line, len(lines)):
            words = lines[line].split()
            if words[:1] == ["fallthrough"]:
                # pkg/fall SetZonesFromArgs: a second line would take the place of the first.
                longer = f"{lines[line].rstrip()} {zone}" if words[1:] else lines[line]
                return [*lines[:line], longer, *lines[line + 1 :]]
            if words[:1] == ["}"]:
                break
        return _with_option(lines, fact.line, f"fallthrough {zone}")

    zone = fact.zone
    clause = f"Add {zone} to `fallthrough` of `kubernetes` in the Corefile"
    return (yield from _edited(at.context, edit, clause, line=fact.line))


@_supplies.register(NoFallthrough)
def _(fact: NoFallthrough, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """`fallthrough` in the plugin's braces, or in braces of its own."""
    clause = f"Add `fallthrough` to `{fact.plugin}` in the Corefile"
    return (yield from _with_new_option(at, fact.line, "fallthrough", clause))


@_supplies.register(WithoutEndpoints)
def _(fact: WithoutEndpoints, at: _At) -> Diagnosis[tuple[_Supply, ...]]:
    """The plugin without the option, which takes a line of its braces.

    Where a Service has nothing behind it, a name that resolves would lead nowhere.
    """
    service = at.reading.service
    if service is None or not (service.is_headless or service.is_external_name):
        return ()

    def edit(lines: list[str]) -> list[str] | None:
        ends = (n for n in range(fact.line, len(lines)) if lines[n].strip() == "}")
        option = fact.option.split()
        inside = range(fact.line, next(ends, fact.line))
        found = next((n for n in inside if lines[n].split() == option), None)
        return None if found is None else [*lines[:found], *lines[found + 1 :]]

    clause = f"Take `{fact.option}` out of `kubernetes` in the Corefile"
    return (yield from _edited(at.context, edit, clause, line=fact.line))


def _with_new_option(
    at: _At, line: int, option: str, clause: str
) -> Diagnosis[tuple[_Supply, ...]]:
    """OPTION as one more of the plugin in LINE."""

    def edit(lines: list[str]) -> list[str] | None:
        return _with_option(lines, line, option)

    return (yield from _edited(at.context, edit, clause, line=line))


def _with_option(lines: list[str], number: int, option: str) -> list[str] | None:
    """LINES with OPTION as the last one of the plugin in line NUMBER, in braces of its own at need.

    plugin/hosts setup.go: no entry may follow a property, so it goes last.
    """
    if not 0 < number <= len(lines):
        return None
    head = lines[number - 1].rstrip()
    outer = _indent(head)
    inner = f"{outer}    {option}"
    if head.endswith("{"):
        ends = (at for at in range(number, len(lines)) if lines[at].strip() == "}")
        end = next(ends, None)
        return None if end is None else [*lines[:end], inner, *lines[end:]]
    return [*lines[: number - 1], f"{head} {{", inner, f"{outer}}}", *lines[number:]]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _opened(
    at: _At, line: int, added: tuple[str, ...], clause: str
) -> Diagnosis[tuple[_Supply, ...]]:
    """Lines ADDED at the start of the block that LINE opens."""

    def edit(head: str) -> tuple[str, ...]:
        return (head, *added) if head.rstrip().endswith("{") else ()

    return (yield from _edited_line(at, line, edit, clause))


def _edited_line(
    at: _At, line: int, edit: Callable[[str], tuple[str, ...]], clause: str
) -> Diagnosis[tuple[_Supply, ...]]:
    """The Corefile with what EDIT makes of one LINE; nothing where that makes none of it."""

    def in_its_place(lines: list[str]) -> list[str] | None:
        made = edit(lines[line - 1]) if 0 < line <= len(lines) else ()
        return [*lines[: line - 1], *made, *lines[line:]] if made else None

    return (yield from _edited(at.context, in_its_place, clause, line=line))


def _edited(
    context: NameContext,
    edit: Callable[[list[str]], list[str] | None],
    clause: str,
    server: ClusterDNS | None = None,
    line: int = 0,
) -> Diagnosis[tuple[_Supply, ...]]:
    """The Corefile with EDIT made in its lines, where its ConfigMap holds the text as it is.

    That of the cluster's own DNS, unless SERVER is another; the file that LINE is of.
    """
    server = server or context.authority
    if server is None or "/" not in server.object or not isinstance(server.corefile, Corefile):
        return ()
    file = line.file if isinstance(line, CorefileLine) else ""
    namespace, name = server.file_sources.get(file, server.object).split("/", 1)
    key = basename(file) or "Corefile"
    old = yield from _text_of(namespace, name, key)
    lines = edit(old.split("\n")) if old is not None else None
    if old is None or lines is None:
        return ()
    change = EditCorefile(namespace, name, key, old, "\n".join(lines))
    supply = _Supply((change,), clause, Rank.COREFILE)
    if any(each.all("reload") for each in server.blocks):
        return (supply,)
    return ((yield from _restarted(supply, server)),)


def _text_of(namespace: str, config_map: str, key: str) -> Diagnosis[str | None]:
    """What stands under KEY, "" where nothing does; None where there is no such ConfigMap."""
    found = yield from ask_one(Objects("ConfigMap", namespace, config_map), ConfigMap)
    return dict(found.data).get(key, "") if found else None


def _dns_pods(server: ClusterDNS) -> Diagnosis[tuple[Pod, ...]]:
    namespace, _, name = server.service.partition("/")
    service = (yield from ask_one(Objects("Service", namespace, name), Service)) if name else None
    labels = as_label_selector(service.selector) if service else ""
    if not labels:
        return ()
    return known((yield from ask(Objects("Pod", namespace, labels=labels), Pod)))


def _restarted(supply: _Supply, server: ClusterDNS) -> Diagnosis[_Supply]:
    """plugin/reload README: without it, a Corefile is read when CoreDNS starts, and never again."""
    pods = yield from _dns_pods(server)
    owner = (yield from _owner_of(pods[0])) if pods else None
    if owner is None or owner.kind == "Pod":
        clause = f"{supply.clause}, which has no `reload`, and restart the DNS pods"
        return supply._replace(clause=clause)
    clause = f"{supply.clause}, which has no `reload`, and restart {owner}"
    changes = (*supply.changes, Restart(owner.kind, owner.namespace, owner.name))
    return supply._replace(clause=clause, changes=changes)
