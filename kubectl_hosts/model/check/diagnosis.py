"""What the names of a subject lead to, and whether its hosts file matches: two diagnoses as one.

One pod stands for all of a workload. Its names are looked up in the container that mentions them,
or, where nobody looks, on paper. On paper it is assumed that the node's search domains have none of
these names, and that the outside has no name of one label and none below `svc`: the report says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.addresses import inet_pton
from kubectl_hosts.model.check.check_report import (
    MISSING,
    CheckedName,
    NameOutcome,
    ObjectRef,
    Problem,
    path_words,
)
from kubectl_hosts.model.check.mentions import MentionForm
from kubectl_hosts.model.check.subjects import is_service, services_meant, without_port
from kubectl_hosts.model.cluster_dns.locate import KUBE_DNS, SYSTEM
from kubectl_hosts.model.dns import NOBODY_ASKED_OUTSIDE
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.inside import diagnose_names, predict_names
from kubectl_hosts.model.explain.to_come import ToCome, for_people
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.hosts.diagnosis import PodLook, diagnose_hosts
from kubectl_hosts.model.names import NamesAsked, check_name
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import ContainerKind, parse_pod
from kubectl_hosts.model.reads import Objects, find
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.workload import WITH_ORDINAL, is_named_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.check.inventory import Inventory
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.check.subjects import ServiceReference, Subject
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.fields import FieldPath
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.reads import Diagnosis

_OUTCOMES = {
    Outcome.FOUND: NameOutcome.FOUND,
    Outcome.NXDOMAIN: NameOutcome.NXDOMAIN,
    Outcome.NODATA: NameOutcome.NODATA,
    Outcome.ALIAS_ALONE: NameOutcome.NODATA,
    Outcome.SERVFAIL: NameOutcome.SERVFAIL,
    Outcome.REFUSED: NameOutcome.SERVFAIL,
    Outcome.TIMEOUT: NameOutcome.SERVFAIL,
}
# kubeadm, phases/addons/dns: manifests rarely have the cluster's own.
_DNS_SERVICE = (SYSTEM, KUBE_DNS)
_DNS_PODS = {"k8s-app": KUBE_DNS}
# NAME.NAMESPACE.svc.DOMAIN has four labels at least.
_WITH_SVC = 4
# What is said of the pod once, whichever names it asks.
_OF_THE_RESOLVER = frozenset(
    {Reason.DNS_CONFIG_CUT, Reason.SEARCH_LINE_IGNORED, Reason.LOOPBACK_NAMESERVER}
)
_OF_THE_POD = _OF_THE_RESOLVER | {Reason.HOST_NETWORK_NODE_DNS}
# What a pod without names is asked for, to see how its resolver is set up.
_IN_EVERY_CLUSTER = "kubernetes.default"
# The name itself tells these again, in words of its own.
_TOLD_BY_THE_NAME = frozenset({Reason.NAMESPACE_NOT_FOUND, Reason.SERVICE_IN_OTHER_NAMESPACE})


class SubjectReport(NamedTuple):
    """What was found out about one subject."""

    names: tuple[CheckedName, ...] = ()
    problems: tuple[Problem, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()


def diagnose_subject(
    subject: Subject, inventory: Inventory, *, can_look: bool
) -> Diagnosis[SubjectReport]:
    """The names that SUBJECT mentions, each looked up, its resolver and its hosts file.

    CAN_LOOK: there is a cluster, and execs are allowed. Raises BadInput for an object with a field
    of the wrong type.
    """
    pod = parse_pod(subject.pod)
    looks = can_look and not subject.is_predicted and not pod.is_finished
    names: list[CheckedName] = []
    problems: list[Problem] = []
    missed: list[CouldNotLook] = []
    for container, mentions in _by_container(pod, subject.mentions).items():
        explanations = yield from _explained(
            subject, pod, container, mentions, inventory, looks=looks
        )
        problems += _of_findings(subject, _of_the_resolver(explanations.values()))
        names += (_checked(subject, each, explanations, inventory) for each in mentions)
        if looks:
            missed += (each for one in explanations.values() for each in one.not_checked)
    problems += _problems_of_names(subject, names, inventory)
    look = PodLook(predict_only=not looks, placeholders=inventory.placeholders)
    if not names and (looks or pod.dns_config):
        asked = NamesAsked((_IN_EVERY_CLUSTER,))
        (explanation,) = yield from predict_names(pod, look, asked)
        problems += _of_findings(subject, _of_the_resolver((explanation,)))
    if subject.pods or looks:
        hosts = yield from diagnose_hosts(pod, look)
        problems += _of_findings(subject, hosts.findings)
        missed += hosts.not_checked if looks else ()
    return SubjectReport(tuple(names), _once(problems), tuple(dict.fromkeys(missed)))


def _of_the_resolver(explanations: Iterable[Explanation]) -> Iterator[Finding]:
    return (
        each for one in explanations for each in one.findings if each.reason in _OF_THE_RESOLVER
    )


def _by_container(pod: Pod, mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    """The mentions by the container that looks the name up; "" for the pod's first.

    An init container has ended; another of the pod has the same files and the same servers.
    """
    running = {
        each.name
        for each in pod.containers
        if each.kind in {ContainerKind.APP, ContainerKind.SIDECAR}
    }
    found: dict[str, list[Mention]] = {}
    for each in mentions:
        container = each.container if each.container in running else ""
        found.setdefault(container, []).append(each)
    return found


def _explained(
    subject: Subject,
    pod: Pod,
    container: str,
    mentions: Iterable[Mention],
    inventory: Inventory,
    *,
    looks: bool,
) -> Diagnosis[Mapping[str, Explanation]]:
    """The explanations by the name mentioned."""
    # What is wrong with an alias's target, and what mends it, only the alias tells.
    alias = f"{subject.object.name}.{subject.object.namespace}.svc" if subject.is_alias else ""
    asked = {each.name: alias or each.name for each in mentions}
    names = {name: said for name, said in asked.items() if _can_be_asked(said)}
    if not names:
        return {}
    spaces = _namespaces_said(subject)
    inside = frozenset(each.name for each in mentions if _is_meant_inside(each, inventory, spaces))
    assumed = None if looks else _nothing_outside(inventory, pod.namespace, inside)
    look = PodLook(
        container,
        predict_only=not looks,
        nothing_on_node=not looks,
        nothing_outside=assumed,
        placeholders=inventory.placeholders,
    )
    explanations = yield from diagnose_names(pod, look, NamesAsked(tuple(names.values())))
    return dict(zip(names, explanations, strict=True))


def _can_be_asked(name: str) -> bool:
    try:
        check_name(name)
    except BadInput:
        return False
    return True


_PORT = re.compile(r":([0-9]+)")
# Ports that a name of the outside with two labels is asked at: a domain's own web and mail servers.
_OF_DOMAINS = frozenset({"22", "25", "80", "443", "465", "587", "8080", "8443"})


def _namespaces_said(subject: Subject) -> frozenset[str]:
    """The namespaces that SUBJECT says in whole names: NAME.NAMESPACE.svc."""
    names = [each.name.lower().split(".") for each in subject.mentions]
    return frozenset(labels[1] for labels in names if labels[2:3] == ["svc"])


def _is_meant_inside(mention: Mention, inventory: Inventory, spaces: frozenset[str]) -> bool:
    """Whether a name of two labels that nothing has is meant as POD.SERVICE, SERVICE.NAMESPACE.

    So it is where its first label is a Service's somewhere, and its port no domain's own; where a
    StatefulSet has pods called so, where the second label is a Service's of such pods, and where it
    is one of SPACES, the namespaces of other names beside it.
    """
    labels = mention.name.lower().rstrip(".").split(".")
    if len(labels) != 2:
        return False
    if labels[1] in spaces:
        return True
    match = WITH_ORDINAL.fullmatch(labels[0])
    if match and inventory.is_name("StatefulSet", match["set"]):
        return True
    if is_named_after(*labels):
        return True
    ports = _PORT.findall(mention.text)
    return bool(ports) and not _OF_DOMAINS & set(ports) and inventory.is_name("Service", labels[0])


def _nothing_outside(
    inventory: Inventory, namespace: str, inside: frozenset[str]
) -> Callable[[str], bool]:
    """Which names servers outside are taken not to have; see the module's own words.

    INSIDE are those that are meant for the cluster, though it has nothing of them.
    """
    namespaces = inventory.namespaces

    def is_absent(name: str) -> bool:
        labels = without_port(name.lower().split("."))
        if len(labels) == 1 or labels[-1] == "svc" or name in inside:
            return True
        # RFC 3696, 2: a top-level domain is alphabetic, or an IDNA name.
        if not (labels[-1].isalpha() or labels[-1].startswith("xn--")):
            return True
        if is_service(inventory, namespace, name):
            return True
        if len(labels) < _WITH_SVC:
            # Of three, a pod's; `www.example.dev` is none beside a namespace dev.
            is_pods = bool(WITH_ORDINAL.fullmatch(labels[0])) or inventory.is_name(
                "Service", labels[-2]
            )
            return labels[-1] in namespaces and (len(labels) == 2 or is_pods)
        return labels[2] == "svc" and labels[1] in namespaces

    return is_absent


def _checked(
    subject: Subject,
    mention: Mention,
    explanations: Mapping[str, Explanation],
    inventory: Inventory,
) -> CheckedName:
    nowhere = CheckedName(
        owner=subject.object,
        namespace=subject.object.namespace,
        mention=mention,
        outcome=NameOutcome.NXDOMAIN,
        headline=f"{mention.name}: no name that can be looked up",
    )
    explanation = explanations.get(mention.name)
    if explanation is None:
        return nowhere
    outcome = outcome_of(explanation)
    is_missing = outcome in MISSING
    may_come = is_missing and _may_come(nowhere.namespace, mention.name, inventory)
    if may_come:
        headline = f"{mention.name}: not known: {may_come}"
        return replace(nowhere, outcome=NameOutcome.UNKNOWN, headline=headline)
    return replace(
        nowhere,
        outcome=outcome,
        headline=_headline(mention, explanation, _no_service(nowhere, explanation, inventory)),
        addresses=_addresses(explanation),
        origin=explanation.predicted.origin,
        fixes=explanation.fixes,
        explanation=explanation,
        placeholders=explanation.placeholders,
    )


def _may_come(namespace: str, name: str, inventory: Inventory) -> str:
    """That something else may make what NAME means, in words; "" where nothing says so."""
    for service, _ in services_meant(namespace, name):
        is_dns = service == _DNS_SERVICE and not inventory.has("Service", *service)
        if is_dns and not inventory.selected("Pod", SYSTEM, _DNS_PODS):
            return "the cluster's own DNS was not read, and Service kube-dns is part of it"
        maker = inventory.maker(*service)
        if maker and not inventory.has("Service", *service):
            return f"the operator of {maker} may make Service {service[1]}"
    return ""


def outcome_of(explanation: Explanation) -> NameOutcome:
    """What the name leads to; what is not known for servers outside alone is a name of those."""
    known = _OUTCOMES.get(explanation.outcome)
    if known:
        return known
    predicted = explanation.predicted
    is_outside = not isinstance(explanation.observed, Observed) and all(
        each.startswith(NOBODY_ASKED_OUTSIDE) for each in predicted.unknown
    )
    return NameOutcome.OUTSIDE if predicted.unknown and is_outside else NameOutcome.UNKNOWN


def _addresses(explanation: Explanation) -> tuple[str, ...]:
    """The answer, the same each time: CoreDNS's `loadbalance` turns addresses round.

    Some programs say the first alone; where that agrees with what was predicted, all are known.
    Words for addresses that nobody has given yet stay as they are.
    """

    def number(text: str) -> tuple[int, int]:
        address = inet_pton(text)
        return (address.version, int(address)) if address else (0, 0)

    agrees = explanation.verdict is Agreement.AGREE
    answer = explanation.predicted if agrees else explanation.answer
    return tuple(sorted(answer.addresses or explanation.answer.addresses, key=number))


def _no_service(name: CheckedName, explanation: Explanation, inventory: Inventory) -> str:
    """The Service that a name means, and that is not there, in words; "" where none is meant.

    So it is said of `SERVICE.NAMESPACE.svc`, which only a server outside could know, and which
    nobody asked it for.
    """
    origin = explanation.predicted.origin
    is_asked = isinstance(explanation.observed, Observed)
    if is_asked or origin is None or origin.kind is not OriginKind.UPSTREAM:
        return ""
    service, is_pod = next(services_meant(name.namespace, name.mention.name), (("", ""), True))
    is_read = all(map(inventory.answers_all, ("Namespace", "Service")))
    if is_pod or not (is_read and inventory.is_of_everywhere) or inventory.has("Service", *service):
        return ""
    if service[0] not in inventory.namespaces:
        return f"there is no namespace {service[0]}"
    return f"no Service {service[1]} in namespace {service[0]}"


def _headline(mention: Mention, explanation: Explanation, no_service: str) -> str:
    """The verdict in a sentence, without the pod that stands for all."""
    match outcome_of(explanation):
        case NameOutcome.FOUND:
            said = _addresses(for_people(explanation))
            return f"{mention.name} resolves to {', '.join(said[:3])}"
        case NameOutcome.OUTSIDE:
            return f"{mention.name} is an external name, and was not looked up"
        case NameOutcome.UNKNOWN:
            return f"{mention.name}: not known: {'; '.join(explanation.predicted.unknown[:1])}"
        case NameOutcome.SERVFAIL:
            words = "the name server failed"
        case _:
            words = "not found"
    cause = explanation.cause
    missing = no_service or (cause.missing[0] if cause and cause.missing else "")
    return f"{mention.name}: {words}" + (f": {missing}" if missing else "")


def _why_missing(name: CheckedName) -> str:
    """`not found: no Service redis in namespace shop`."""
    return name.headline.partition(": ")[2]


def _problems_of_names(
    subject: Subject, names: Iterable[CheckedName], inventory: Inventory
) -> Iterator[Problem]:
    """One problem for each name that leads nowhere, or not where it should, in all containers.

    A Service's name that a pod asks the node for is one, too, though nobody knows the answer.
    """
    by_name: dict[tuple[str, str], list[CheckedName]] = {}
    for each in names:
        by_name.setdefault((each.mention.name, each.headline), []).append(each)
    for (name, _), said in by_name.items():
        checked = said[0]
        explanation = checked.explanation
        places = [each.mention for each in said]
        if checked.outcome in MISSING:
            yield Problem(
                reason=Reason.MENTIONED_NAME_NOT_FOUND,
                severity=_severity(places),
                object=subject.object,
                message=f"{name}: {_why_missing(checked)} ({_places(places)})",
                advice=explanation.fix if explanation else "",
                evidence=tuple(place_of_mention(subject.object, each) for each in places),
                count=subject.pods,
                fixes=checked.fixes,
            )
            continue
        broken = [each for each in places if each.has_break]
        if broken:
            # getaddrinfo(3) takes the break for a part of the name; some programs strip it.
            yield Problem(
                reason=Reason.MENTIONED_NAME_NOT_FOUND,
                severity=Severity.WARNING,
                object=subject.object,
                message=f"{name}: not found with the line break behind it ({_places(broken)})",
                advice="Take the line break off: `echo -n` writes none, nor does `|-` in YAML.",
                evidence=tuple(place_of_mention(subject.object, each) for each in broken),
                count=subject.pods,
            )
        is_service_asked = is_service(inventory, subject.object.namespace, name)
        if explanation and (checked.outcome is NameOutcome.FOUND or is_service_asked):
            yield from _of_findings(subject, explanation.findings, checked)


def _severity(places: Iterable[Mention]) -> Severity:
    """A custom resource's operator may make the Service that it names."""
    is_custom = all(each.form is MentionForm.CUSTOM_RESOURCE for each in places)
    return Severity.WARNING if is_custom else Severity.ERROR


def _places(places: list[Mention]) -> str:
    """Where a name is mentioned: the first place, and how many more there are."""
    first = places[0]
    said = f"{first.where} of {first.container}" if first.container else first.where
    return said if len(places) == 1 else f"{said}, and {len(places) - 1} more"


def place_of_mention(owner: ObjectRef, mention: Mention) -> Origin:
    """The field that mentions a name, in the object that it stands in."""
    kind, name = mention.holder if mention.holder[1] else (owner.kind, owner.name)
    return manifest_origin(ObjectRef(kind, owner.namespace, name), mention.path, mention.where)


def manifest_origin(ref: ObjectRef, path: FieldPath, where: str) -> Origin:
    """A field of an object by its path, or in words where there is none."""
    return Origin(kind=OriginKind.MANIFEST, object=ref.in_words, field=path_words(path) or where)


def _of_findings(
    subject: Subject, findings: Iterable[Finding], name: CheckedName | None = None
) -> Iterator[Problem]:
    for each in findings:
        if each.severity is Severity.INFO or each.reason in _TOLD_BY_THE_NAME:
            continue
        is_told = each.reason in _OF_THE_POD or (name and name.mention.name in each.message)
        about = f"{name.mention.name}: " if name and not is_told else ""
        yield replace(
            Problem.of_finding(each, subject.object, f"{about}{each.message}"),
            count=subject.pods,
            fixes=name.fixes if name else (),
        )


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple({(each.reason, each.message): each for each in problems}.values())


def diagnose_reference(
    reference: ServiceReference, inventory: Inventory
) -> Diagnosis[SubjectReport]:
    """Whether the Service that an object refers to by its fields is there."""
    report = yield from _diagnose_reference(reference, inventory)
    to_come = ToCome(inventory.placeholders)
    names = (
        replace(each, placeholders=tuple(to_come.mentioned(each.addresses).items()))
        for each in report.names
    )
    return report._replace(names=tuple(names))


def _diagnose_reference(
    reference: ServiceReference, inventory: Inventory
) -> Diagnosis[SubjectReport]:
    namespace, name = reference.service
    read = Objects("Service", namespace, name)
    given = yield from find(read)
    if isinstance(given, CouldNotLook):
        return SubjectReport((_referred(reference, NameOutcome.UNKNOWN),), (), (given,))
    if given.objects:
        addresses = tuple(
            each for each in getattr(given.objects[0], "cluster_ips", ()) if each != "None"
        )
        return SubjectReport((_referred(reference, NameOutcome.FOUND, addresses),))
    may_come = _may_come(namespace, f"{name}.{namespace}.svc", inventory)
    if may_come:
        unknown = _referred(reference, NameOutcome.UNKNOWN)
        headline = f"{reference.mention.name}: not known: {may_come}"
        return SubjectReport((replace(unknown, headline=headline),))
    checked = _referred(reference, NameOutcome.NXDOMAIN)
    ref, mention = reference.object, reference.mention
    place = place_of_mention(ref, mention)
    problem = Problem(
        reason=Reason.REFERENCE_WITHOUT_SERVICE,
        severity=_severity((mention,)),
        object=ref,
        message=f"no Service {name} in namespace {namespace} ({mention.where})",
        evidence=(place,),
    )
    return SubjectReport((checked,), (problem,))


def _referred(
    reference: ServiceReference, outcome: NameOutcome, addresses: tuple[str, ...] = ()
) -> CheckedName:
    namespace, name = reference.service
    words = {
        NameOutcome.FOUND: f"Service {namespace}/{name} exists",
        NameOutcome.NXDOMAIN: f"no Service {name} in namespace {namespace}",
    }
    return CheckedName(
        owner=reference.object,
        namespace=reference.namespace,
        mention=reference.mention,
        outcome=outcome,
        headline=words.get(outcome, f"Service {namespace}/{name} could not be read"),
        addresses=addresses,
        origin=Origin(kind=OriginKind.SERVICE, object=f"{namespace}/{name}")
        if outcome is NameOutcome.FOUND
        else None,
    )
