"""What is wrong around the names: the Corefile."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.check.around import corefile_problems, why_never
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.findings import Reason, Severity

GOOD = ".:53 {\n    errors\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n}\n"


def problems(text):
    server = ClusterDNS(corefile=parse_corefile(text), object="kube-system/coredns")
    return [(each.reason, each.severity) for each in corefile_problems(server)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GOOD, [], id="as kubeadm has it"),
        pytest.param(
            GOOD + "example.test {\n    cache\n    log\n}\n",
            [(Reason.PLUGIN_CHAIN_ENDS, Severity.WARNING)],
            id="a block that cannot answer",
        ),
        pytest.param(
            GOOD + "example.test {\n    cache\n    whoami\n}\n", [], id="a block that can answer"
        ),
        pytest.param(
            GOOD.replace("errors", "erors"),
            [(Reason.COREFILE_BROKEN, Severity.ERROR)],
            id="a slip in a plugin's name",
        ),
        pytest.param(
            GOOD.replace("errors", "k8s_gateway a.test"),
            [(Reason.COREFILE_BROKEN, Severity.WARNING)],
            id="a plugin of other builds",
        ),
        pytest.param(
            GOOD.replace("errors", "rewrite name regex (.*)\\.old\\.test$ {1}.new.test"),
            [(Reason.COREFILE_PATTERN_NEVER_MATCHES, Severity.WARNING)],
            id="an expression without the final dot",
        ),
        pytest.param(
            GOOD.replace("errors", "rewrite name regex (.*)\\.old\\.test\\.$ {1}.new.test"),
            [],
            id="an expression with it",
        ),
        pytest.param(
            ".:53 {\n    kubernetes cluster.local\n",
            [(Reason.COREFILE_BROKEN, Severity.ERROR)],
            id="no end",
        ),
    ],
)
def test_the_corefile(text, expected):
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"^(.*)\.example\.com$", "a name ends with a dot there"),
        (r"^(.*)\.Example\.com\.$", "a name is in lower case there"),
        (r"^(.*)\.example\.com\.$", ""),
        (r"^(.*)\.example\.com", ""),
        (r"(?i)^WEB\.example\.com\.$", ""),
        (r"^[A-Za-z]+\.example\.$", ""),
        (r"^\S+\.example\.$", ""),
        (r"^a$|^b\.$", ""),
        (r"^(?P<Name>.*)\.example\.$", ""),
        (r"^(PROD-)?web\.$", ""),
    ],
)
def test_why_a_pattern_never_matches(pattern, why):
    assert why_never(pattern) == why
