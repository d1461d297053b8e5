"""Origins in words, and the commands of what is found."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.check.check_report import CheckReport, Ignored, ObjectRef, Problem
from kubectl_hosts.model.explanation import Fix, FixKind, Then
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.hosts_report import HostsReport, Verdict, VerdictKind
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.finding_words import describe_origin, for_cluster


@pytest.mark.parametrize("kind", OriginKind)
def test_every_kind_has_words(kind):
    assert describe_origin(Origin(kind=kind, object="shop/web")) != ""


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        pytest.param(
            Origin(kind=OriginKind.HOST_ALIAS, object="shop/web", field="spec.hostAliases[2]"),
            "hostAliases[2]",
            id="an item of hostAliases",
        ),
        pytest.param(
            Origin(kind=OriginKind.POD_IP, object="shop/web", field="status.podIPs[1]"),
            "podIPs[1]",
            id="an address of the pod",
        ),
        pytest.param(
            Origin(kind=OriginKind.NODE_HOSTS, object="node-1", line=4),
            "node node-1 (line 4)",
            id="a line of the node's file",
        ),
        pytest.param(Origin(kind=OriginKind.FOREIGN, line=9), "manual edit", id="an extra line"),
        pytest.param(
            Origin(kind=OriginKind.OWN_MOUNT, object="shop/extra-hosts", field="data", line=1),
            "own mount, ConfigMap shop/extra-hosts",
            id="a line of a ConfigMap",
        ),
        pytest.param(
            Origin(kind=OriginKind.OWN_MOUNT, object="shop/web", field="spec.volumes[1]", line=1),
            "own mount (spec.volumes[1])",
            id="a line of another volume",
        ),
        pytest.param(
            Origin(kind=OriginKind.SERVICE, object="shop/\x1b[31m"),
            "Service shop/^[[31m",
            id="escape sequences in a name",
        ),
    ],
)
def test_an_origin_is_named_as_the_user_knows_it(origin, words):
    assert describe_origin(origin) == words


KUBECTL = "kubectl --context 'a b'"
THEN = Then(outcome=Outcome.FOUND)
RESTART = "kubectl -n shop rollout restart deployment/web"


def fix(*commands: str) -> Fix:
    return Fix(kind=FixKind.PATCH, sentence="Add the port", commands=commands, then=THEN)


@pytest.mark.parametrize(
    ("command", "pasted"),
    [
        pytest.param(
            "kubectl patch service a -n b -p '{}'",
            "kubectl --context 'a b' patch service a -n b -p '{}'",
            id="a command",
        ),
        pytest.param(
            "kubectl get pod a -n b -o yaml | kubectl replace --force -f -",
            (
                "kubectl --context 'a b' get pod a -n b -o yaml | "
                "kubectl --context 'a b' replace --force -f -"
            ),
            id="two, with a pipe",
        ),
        pytest.param(
            "kubectl apply -f - <<'EOF'\nkind: kubectl \nEOF",
            "kubectl --context 'a b' apply -f - <<'EOF'\nkind: kubectl \nEOF",
            id="what is applied is left alone",
        ),
    ],
)
def test_a_command_goes_to_the_cluster_that_was_asked(command, pasted):
    assert for_cluster((fix(command),), KUBECTL) == (fix(pasted),)


def finding(text: str) -> Finding:
    return Finding(
        reason=Reason.OUTDATED_VOLUME, severity=Severity.WARNING, message=RESTART, fix=text
    )


def hosts_report(text: str) -> HostsReport:
    verdict = Verdict(kind=VerdictKind.DIFFERS, sentence=RESTART, fix=text)
    return HostsReport(
        namespace="shop",
        name="web",
        verdict=verdict,
        findings=(finding(text),),
        assumptions=(text,),
    )


def check_report(text: str) -> CheckReport:
    web = ObjectRef("Deployment", "shop", "web")
    problem = Problem(
        reason=Reason.OUTDATED_VOLUME,
        severity=Severity.WARNING,
        object=web,
        message=RESTART,
        advice=text,
        fixes=(fix(text),),
    )
    return CheckReport(problems=(problem,), ignored=(Ignored(problem=problem, because=RESTART),))


@pytest.mark.parametrize(
    ("result", "fields"),
    [
        pytest.param(hosts_report, 2, id="show and diff: verdict and findings"),
        pytest.param(check_report, 4, id="check: advice and fixes, of problems and ignored ones"),
        pytest.param(lambda text: finding(text).message, 0, id="a text is left alone"),
    ],
)
def test_what_is_said_of_a_cluster_has_its_flags_wherever_it_stands(result, fields):
    pasted = str(for_cluster(result(RESTART), KUBECTL))
    assert pasted.count(f"{KUBECTL} -n shop rollout restart") == fields


def test_advice_without_a_command_is_left_alone():
    assert for_cluster(finding("Recreate the pod."), KUBECTL) == finding("Recreate the pod.")
