"""From what was found out to the report: what is ignored, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.check.around import service_problems, subdomain_problems
from kubectl_hosts.model.check.check_report import (
    GRAVEST_FIRST,
    Checked,
    CheckReport,
    Ignored,
    NameOutcome,
    Problem,
)
from kubectl_hosts.model.check.subjects import services_meant
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resources import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kubectl_hosts.model.check.check_report import CheckedName, ObjectRef
    from kubectl_hosts.model.check.diagnosis import SubjectReport
    from kubectl_hosts.model.check.inventory import Inventory
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.check.subjects import ServiceReference, Subject, Subjects
    from kubectl_hosts.model.findings import Finding

_OF_SERVICES = frozenset(
    {Reason.NO_READY_ENDPOINTS, Reason.SERVICE_SELECTS_NOTHING, Reason.SERVICE_WITHOUT_ENDPOINTS}
)
"""What the row of the Service itself says once, for all that ask its name."""
ASSUMPTIONS = (
    "the node's hosts file and search domains have none of these names, but localhost",
    "the internet has no name of one label, and none below svc",
)


class IgnoreRule(NamedTuple):
    """`REASON[=OBJECT]`: problems that are passed over; object "" for all of the reason."""

    reason: Reason
    object: str = ""
    because: str = ""

    def takes(self, problem: Problem) -> bool:
        """Whether PROBLEM is one of those."""
        ref = problem.object
        names = {str(ref), f"{ref.namespace}/{ref}", f"{ref.namespace}/{ref.name}", ref.name}
        return problem.reason is self.reason and (not self.object or self.object in names)


def parse_ignore(written: str) -> IgnoreRule:
    """`--ignore REASON[=OBJECT]`. Raises BadInput for a reason that is none."""
    name, _, about = written.partition("=")
    kind, slash, rest = about.partition("/")
    full = {alias: each.kind for each in TYPES for alias in each.names}
    about = f"{full.get(kind.lower(), kind)}/{rest}" if slash else about
    return IgnoreRule(_reason(name), about, "--ignore")


def parse_annotation(written: str) -> tuple[IgnoreRule, ...]:
    """`REASON reason text` of the annotation kubectl-hosts/ignore, a line for each reason.

    Raises BadInput for a reason that is none, and where no text says why.
    """
    rules = []
    for line in filter(None, map(str.strip, written.splitlines())):
        name, _, because = line.partition(" ")
        if not because.strip():
            raise BadInput(
                f"kubectl-hosts/ignore: {name} without a text that says why",
                hint="Write REASON and, behind it, why it is right as it is.",
            )
        rules.append(IgnoreRule(_reason(name), because=because.strip()))
    return tuple(rules)


def _reason(name: str) -> Reason:
    known = {each.value.lower(): each for each in Reason}
    if name.lower() not in known:
        raise BadInput(
            f'no reason is called "{name}"', hint="docs/reasons.md lists them; -o json prints them."
        )
    return known[name.lower()]


class BesideSubjects(NamedTuple):
    """What is known beside the subjects' own reports."""

    cluster_dns: tuple[Problem, ...] = ()
    manifests: tuple[Finding, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()
    assumptions: tuple[str, ...] = ()
    """What was taken for granted where names were looked up on paper."""
    checks_services: bool = True
    hides_passwords: bool = False
    """Whether texts come from a cluster, where a report has no business to repeat passwords."""


def conclude(
    reports: Sequence[SubjectReport],
    subjects: Subjects,
    inventory: Inventory,
    around: BesideSubjects,
    rules: Sequence[IgnoreRule],
    place_of: Callable[[Origin], Origin],
) -> CheckReport:
    """The report; PLACE_OF gives the file and the line of a field of a manifest, where known."""
    services = inventory.raw("Service") if around.checks_services else ()
    names = tuple(
        _placed(each, place_of, hides_passwords=around.hides_passwords)
        for report in reports
        for each in report.names
    )
    of_services = tuple(service_problems(inventory, subjects.subjects, services))
    found = (
        *_of_manifests(around.manifests, (*subjects.subjects, *subjects.references)),
        *_without_service_rows(each for report in reports for each in report.problems),
        *of_services,
        *subdomain_problems(inventory, subjects.subjects),
        *around.cluster_dns,
    )
    problems = tuple(
        replace(each, evidence=tuple(map(place_of, each.evidence))) for each in dict.fromkeys(found)
    )
    kept, ignored, wrong = _sorted_out(problems, subjects, rules)
    missed = (
        *around.not_checked,
        *subjects.not_checked,
        *wrong,
        *(each for report in reports for each in report.not_checked),
        *_unknown_names(names),
    )
    return CheckReport(
        names=names,
        problems=tuple(_grouped(kept)),
        ignored=tuple(ignored),
        checked=Checked(
            workloads=sum(each.is_workload for each in subjects.subjects),
            pods=sum(each.pods for each in subjects.subjects),
            names=len(names),
            services=len(services),
        ),
        not_checked=tuple(dict.fromkeys(missed)),
        assumptions=(*around.assumptions, *_assumed_of_namespaces(names, inventory))
        if names and around.assumptions
        else (),
    )


def _assumed_of_namespaces(names: Iterable[CheckedName], inventory: Inventory) -> Iterator[str]:
    """Where names ask a namespace that nothing is in, the files may be meant for it."""
    for each in names:
        for (namespace, service), _ in services_meant(each.namespace, each.mention.name):
            is_nowhere = each.is_missing and namespace not in inventory.namespaces
            if is_nowhere and inventory.has("Service", "default", service):
                yield (
                    "objects that name no namespace are in default "
                    f"(-n {namespace} puts them there)"
                )
                return


# What stands between a user's name and the host, in URLs and data source names.
_PASSWORD = re.compile(r"(?<=:)[^\s:@/]+(?=@)")


def without_passwords(mention: Mention) -> Mention:
    """MENTION with what may be a password in its text left out."""
    return mention._replace(text=_PASSWORD.sub("***", mention.text))


def _placed(
    name: CheckedName, place_of: Callable[[Origin], Origin], *, hides_passwords: bool
) -> CheckedName:
    from kubectl_hosts.model.check.diagnosis import place_of_mention  # noqa: PLC0415

    mention = name.mention
    if hides_passwords:
        mention = without_passwords(mention)
    place = place_of(place_of_mention(name.owner, name.mention))
    return replace(name, mention=mention, place=place)


def _without_service_rows(problems: Iterable[Problem]) -> Iterator[Problem]:
    return (each for each in problems if each.reason not in _OF_SERVICES or each.fixes)


def _of_manifests(
    findings: Iterable[Finding], others: Iterable[Subject | ServiceReference]
) -> Iterator[Problem]:
    """What the API server would say of the manifests, as far as it is more than a remark.

    Grouped with what is said of the same object among OTHERS, where one namespace has it.
    """
    from kubectl_hosts.model.check.check_report import ObjectRef  # noqa: PLC0415

    spaces: dict[tuple[str, str], set[str]] = {}
    for one in others:
        spaces.setdefault((one.object.kind, one.object.name), set()).add(one.object.namespace)
    for each in findings:
        if each.severity is Severity.INFO:
            continue
        place = each.evidence[0] if each.evidence else Origin(kind=OriginKind.MANIFEST)
        kind, _, name = place.object.partition("/")
        (space, *more) = spaces.get((kind, name), {""})
        about = ObjectRef(kind, "" if more else space, name)
        if not kind:
            about = ObjectRef("File", "", place.file)
        said = f"{kind} {name}".strip()
        yield Problem.of_finding(each, about, each.message.removeprefix(f"{said}: "))


def _sorted_out(
    problems: Iterable[Problem], subjects: Subjects, rules: Sequence[IgnoreRule]
) -> tuple[list[Problem], list[Ignored], list[CouldNotLook]]:
    """The problems that count, those that are passed over, and annotations that say nothing."""
    annotated: dict[ObjectRef, tuple[IgnoreRule, ...]] = {}
    wrong: list[CouldNotLook] = []
    for each in subjects.subjects:
        annotated[each.object], missed = _annotation_of(each)
        wrong += missed
    kept: list[Problem] = []
    ignored: list[Ignored] = []
    for problem in problems:
        fitting = [
            rule for rule in (*annotated.get(problem.object, ()), *rules) if rule.takes(problem)
        ]
        if fitting:
            ignored.append(Ignored(problem=problem, because=fitting[0].because))
        else:
            kept.append(problem)
    return kept, ignored, wrong


def _annotation_of(subject: Subject) -> tuple[tuple[IgnoreRule, ...], tuple[CouldNotLook, ...]]:
    try:
        return parse_annotation(subject.ignores), ()
    except BadInput as error:
        return (), (CouldNotLook(what=f"annotation of {subject.object}", why=error.message),)


def _grouped(problems: Sequence[Problem]) -> Iterator[Problem]:
    """By object: that with the gravest problem first, and within one the gravest first."""
    worst: dict[ObjectRef, int] = {}
    for each in problems:
        rank = GRAVEST_FIRST.index(each.severity)
        worst[each.object] = min(rank, worst.get(each.object, rank))
    yield from sorted(
        problems,
        key=lambda each: (
            worst[each.object],
            each.object.namespace,
            each.object,
            GRAVEST_FIRST.index(each.severity),
        ),
    )


def _unknown_names(names: Iterable[CheckedName]) -> Iterator[CouldNotLook]:
    for each in names:
        if each.outcome is NameOutcome.UNKNOWN:
            yield CouldNotLook(
                what=f"{each.mention.name} ({each.owner}, {each.mention.where})",
                why=each.headline.removeprefix(f"{each.mention.name}: not known: "),
            )
