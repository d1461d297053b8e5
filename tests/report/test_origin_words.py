"""Origins in words."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.report.finding_words import describe_origin


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
