"""Which questions are looked at for causes: those that decided, and what the name stands for."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.explain.case import is_outside
from kubectl_hosts.model.explain.causes import exchanges_that_matter
from tests.model.explain.paper_cluster import Paper, pod_object, service

REDIS = service("shop", "redis")
ZONE = "svc.cluster.local."


@pytest.mark.parametrize(
    ("paper", "name", "names"),
    [
        pytest.param(Paper((REDIS,)), "redis", [f"redis.shop.{ZONE}"], id="the hit"),
        pytest.param(
            Paper(), "nope", [f"nope.shop.{ZONE}", "nope."], id="a Service of the own namespace"
        ),
        pytest.param(
            Paper(),
            "db.bank",
            [f"db.bank.shop.{ZONE}", f"db.bank.{ZONE}", "db.bank."],
            id="a Service of another namespace, or an endpoint of the own",
        ),
        pytest.param(
            Paper(), "db.bank.svc", ["db.bank.svc.cluster.local.", "db.bank.svc."], id="up to `svc`"
        ),
        pytest.param(Paper(), "www.example.net", ["www.example.net."], id="a name of the internet"),
        pytest.param(
            Paper((REDIS,), pod=pod_object(aliases=[("10.1.2.3", "redis")])),
            "redis",
            [f"redis.shop.{ZONE}"],
            id="what a line of the hosts file keeps from being asked",
        ),
    ],
)
def test_the_questions_that_matter(paper, name, names):
    matter = exchanges_that_matter(paper.inputs(name))
    assert list(dict.fromkeys(each.question.name for each in matter)) == names


@pytest.mark.parametrize("name", ["example.org", "yahoo.com", "heise.de", "nas.local", "a.b.io."])
def test_a_known_top_level_domain_makes_a_name_of_the_internet(name):
    assert is_outside(name)


@pytest.mark.parametrize("name", ["redis", "db.bank", "db-0.db.prod", "db.bank.svc", "com"])
def test_other_names_may_be_of_the_cluster(name):
    assert not is_outside(name)
