"""What was meant by a name that is unknown."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.api.problems import nearest
from kubectl_hosts.offline.manifests import api_model

POD_SPEC = tuple(api_model("V1PodSpec").fields)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("HostNetwork", "hostNetwork", id="another case"),
        pytest.param("host_aliases", "hostAliases", id="as Python writes it"),
        pytest.param("host-aliases", "hostAliases", id="with a hyphen"),
        pytest.param("hostAlias", "hostAliases", id="the singular"),
        pytest.param("hostAliase", "hostAliases", id="a letter left out"),
        pytest.param("hostsAliases", "hostAliases", id="a letter too many"),
        pytest.param("hsotAliases", "hostAliases", id="two letters swapped"),
        pytest.param("hostname s".replace(" ", ""), "hostname", id="a plural of a singular"),
        pytest.param("subDomain", "subdomain", id="a capital too many"),
        pytest.param("dnspolicy", "dnsPolicy", id="a capital too few"),
        pytest.param("setHostnameAsFqdn", "setHostnameAsFQDN", id="an acronym in lower case"),
    ],
)
def test_a_misspelt_field_leads_to_the_one_that_was_meant(written, meant):
    assert nearest(written, POD_SPEC) == meant


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("env", id="a container's field"),
        pytest.param("replicas", id="a workload's field"),
        pytest.param("driver", id="nothing like it"),
        pytest.param("o", id="a letter"),
        pytest.param("", id="no name"),
    ],
)
def test_a_name_that_is_near_no_field_leads_nowhere(written):
    assert nearest(written, POD_SPEC) == ""
