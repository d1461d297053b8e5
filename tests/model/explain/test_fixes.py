"""Changes that might help, by what is missing, and which of them are called fixes."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.change import AskName, Create, EditCorefile, Patch, Restart
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import node_local, parse_corefile
from kubectl_hosts.model.explain.fixes import Proposal, Proved, Rank, propose, proved_fixes
from kubectl_hosts.model.explain.readings import AnswerFound, Asked, read_answer, read_name
from kubectl_hosts.model.explanation import FixKind, Then
from kubectl_hosts.model.resolver.outcome import Outcome
from tests.model.explain.paper_objects import (
    ASKER,
    alias,
    answer,
    context,
    ingress,
    namespace,
    pod,
    service,
    slice_of,
    stateful_set,
)

PG = service("pg", headless=True)
SET_POD = {"labels": {"app": "pg"}, "owner": "StatefulSet/pg"}
TEAM = service("team", headless=True)
DEPLOYED = pod("asker", owner="ReplicaSet/asker-7d9c", ip="10.244.0.8")
OWNED = {
    "kind": "ReplicaSet",
    "metadata": {
        "namespace": "shop",
        "name": "asker-7d9c",
        "ownerReferences": [{"kind": "Deployment", "name": "asker", "controller": True}],
    },
    "spec": {"template": {"spec": {}}},
}


def _proposals(name, objects, qtype="", **known):
    at = context(**known)
    everything = (namespace("shop"), *objects)
    readings = answer(read_name(name, qtype, at), everything)
    found = answer(propose(name, readings, at), everything)
    return sorted(found, key=lambda each: each.rank)


def _strategic(kind, name, patch):
    return Patch(kind, "shop", name, patch)


def _merge(kind, name, patch):
    return Patch(kind, "shop", name, patch, "merge")


FIRST = [
    pytest.param(
        "redis",
        (service("redis", namespace="bank"), namespace("bank")),
        Rank.ASK,
        (AskName("redis.bank"),),
        "Ask redis.bank",
        id="the Service of another namespace",
    ),
    pytest.param(
        "redis.bank",
        (service("redis"), namespace("bank")),
        Rank.ASK,
        (AskName("redis.shop"),),
        "Ask redis.shop",
        id="written as it was typed, with a namespace",
    ),
    pytest.param(
        "api.shop.svc.",
        (service("api"),),
        Rank.ASK,
        (AskName("api.shop.svc"),),
        "Ask api.shop.svc",
        id="without the final dot",
    ),
    pytest.param(
        "api.shop.svc.prod-west",
        (service("api"),),
        Rank.ASK,
        (AskName("api.shop.svc.cluster.local"),),
        "Ask api.shop.svc.cluster.local",
        id="with the cluster's domain",
    ),
    pytest.param(
        "web_service",
        (service("web-service"),),
        Rank.ASK,
        (AskName("web-service"),),
        "Ask web-service",
        id="with a dash",
    ),
    pytest.param(
        "rabbit-0",
        (
            service("rabbit", headless=True),
            pod("rabbit-0", labels={"app": "rabbit"}, hostname="rabbit-0", subdomain="rabbit"),
        ),
        Rank.ASK,
        (AskName("rabbit-0.rabbit"),),
        "Ask rabbit-0.rabbit",
        id="the pod's name in DNS",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD)),
        Rank.SHARED,
        (_merge("Service", "pg", {"spec": {"publishNotReadyAddresses": True}}),),
        "Set publishNotReadyAddresses on Service shop/pg",
        id="a pod that is not ready",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", hostname="pg-0", **SET_POD)),
        Rank.MEANT,
        (_strategic("StatefulSet", "pg", {"spec": {"serviceName": "pg"}}),),
        "Set serviceName pg on StatefulSet shop/pg, recreated: its pods restart",
        id="serviceName, which no patch can change in place",
    ),
    pytest.param(
        "pg-3.pg",
        (PG, stateful_set("pg", replicas=2)),
        Rank.MEANT,
        (_strategic("StatefulSet", "pg", {"spec": {"replicas": 4}}),),
        "Scale StatefulSet shop/pg to 4 replicas",
        id="an ordinal beyond the replicas",
    ),
    pytest.param(
        "pg-8.pg",
        (PG, stateful_set("pg", replicas=3, start=5)),
        Rank.MEANT,
        (_strategic("StatefulSet", "pg", {"spec": {"replicas": 4}}),),
        "Scale StatefulSet shop/pg to 4 replicas",
        id="an ordinal beyond the replicas, which do not start at 0",
    ),
    pytest.param(
        "one.team",
        (TEAM, pod("one", labels={"app": "team"})),
        Rank.MEANT,
        (_strategic("Pod", "one", {"spec": {"hostname": "one", "subdomain": "team"}}),),
        "Set hostname one and subdomain team on Pod shop/one, recreated",
        id="hostname and subdomain in one patch",
    ),
    pytest.param(
        "one.team",
        (pod("one", hostname="one", subdomain="team"),),
        Rank.NEW,
        (
            Create(
                {
                    "apiVersion": "v1",
                    "kind": "Service",
                    "metadata": {"name": "team", "namespace": "shop"},
                    "spec": {"clusterIP": "None", "selector": {"app": "one"}},
                }
            ),
        ),
        "Create headless Service shop/team for pod one",
        id="the Service that the subdomain names",
    ),
    pytest.param(
        "one.team",
        (TEAM, pod("one", hostname="one", subdomain="team", labels={})),
        Rank.MEANT,
        (_merge("Pod", "one", {"metadata": {"labels": {"app": "team"}}}),),
        "Label Pod shop/one with app=team",
        id="a label, which a pod takes in place",
    ),
    pytest.param(
        "db",
        (service("db", headless=True, selector={}), slice_of("db-1")),
        Rank.MEANT,
        (
            _merge(
                "EndpointSlice",
                "db-1",
                {"metadata": {"labels": {"kubernetes.io/service-name": "db"}}},
            ),
        ),
        "Label EndpointSlice shop/db-1 with kubernetes.io/service-name=db",
        id="the label of a slice",
    ),
    pytest.param(
        "web",
        (
            service("web", headless=True, selector={"app": "wbe"}),
            pod("web-1", labels={"app": "web", "pod-template-hash": "7d9c"}),
        ),
        Rank.MEANT,
        (_merge("Service", "web", {"spec": {"selector": {"app": "web"}}}),),
        "Set the selector app=web on Service shop/web",
        id="a slip in a selector",
    ),
    pytest.param(
        "web",
        (
            service("web", headless=True, selector={"name": "web"}),
            pod("web-1", labels={"app": "web"}),
        ),
        Rank.MEANT,
        (_merge("Service", "web", {"spec": {"selector": {"name": None, "app": "web"}}}),),
        "Set the selector app=web on Service shop/web",
        id="a selector with another key: the old one goes",
    ),
    pytest.param(
        "ring",
        (
            service("ring", headless=True, selector={"app": "web"}),
            pod("debug", labels={"app": "wed"}),
            pod("cat-0", labels={"app": "cat"}, hostname="cat-0", subdomain="ring"),
        ),
        Rank.MEANT,
        (_merge("Service", "ring", {"spec": {"selector": {"app": "cat"}}}),),
        "Set the selector app=cat on Service shop/ring",
        id="the pods that have it as their subdomain before those of a word alike",
    ),
    pytest.param(
        "half",
        (alias("half", "ring.bank"), service("ring", namespace="bank")),
        Rank.MEANT,
        (_merge("Service", "half", {"spec": {"externalName": "ring.bank.svc.cluster.local"}}),),
        "Set externalName ring.bank.svc.cluster.local on Service shop/half",
        id="a whole name for an alias",
    ),
    pytest.param(
        "half",
        (alias("half", "ring"), service("ring", namespace="bank")),
        Rank.MEANT,
        (_merge("Service", "half", {"spec": {"externalName": "ring.bank.svc.cluster.local"}}),),
        "Set externalName ring.bank.svc.cluster.local on Service shop/half",
        id="a whole name for an alias of one label, whose Service stands in another namespace",
    ),
    pytest.param(
        "db-0.db",
        (service("db", headless=True, selector={}), slice_of("db-1", service="db")),
        Rank.MEANT,
        (
            Patch(
                "EndpointSlice",
                "shop",
                "db-1",
                ({"op": "add", "path": "/endpoints/0/hostname", "value": "db-0"},),
                "json",
            ),
        ),
        "Give the endpoint of EndpointSlice shop/db-1 the hostname db-0",
        id="a host name for the one endpoint of a slice that people wrote",
    ),
    pytest.param(
        "_http._udp.api",
        (service("api"),),
        Rank.ASK,
        (AskName("_http._tcp.api"),),
        "Ask _http._tcp.api",
        id="the port as it is called",
    ),
    pytest.param(
        "_pg._tcp.db",
        (
            service("db", headless=True, selector={}),
            slice_of("db-1", service="db", ports=[{"port": 5432, "protocol": "TCP"}]),
        ),
        Rank.MEANT,
        (
            Patch(
                "EndpointSlice",
                "shop",
                "db-1",
                ({"op": "add", "path": "/ports/0/name", "value": "pg"},),
                "json",
            ),
        ),
        "Name the port pg in EndpointSlice shop/db-1",
        id="a name for the slice's port",
    ),
    pytest.param(
        "orders",
        (pod("orders-7d-1", labels={"app": "orders", "pod-template-hash": "7d"}),),
        Rank.NEW,
        (
            Create(
                {
                    "apiVersion": "v1",
                    "kind": "Service",
                    "metadata": {"name": "orders", "namespace": "shop"},
                    "spec": {"clusterIP": "None", "selector": {"app": "orders"}},
                }
            ),
        ),
        "Create headless Service shop/orders for pod orders-7d-1",
        id="a Service for pods that have none",
    ),
]


@pytest.mark.parametrize(("name", "objects", "rank", "changes", "sentence"), FIRST)
def test_the_cheapest_change_that_supplies_what_is_missing(name, objects, rank, changes, sentence):
    first = _proposals(name, objects)[0]
    assert (first.rank, first.changes, first.sentence) == (rank, changes, sentence)


@pytest.mark.parametrize(
    ("name", "objects"),
    [
        pytest.param("nothing", (), id="nothing is called so"),
        pytest.param("www.example.com", (), id="an external name"),
        pytest.param("api", (service("api"),), id="a name that leads where it should"),
        pytest.param("Bad!Name", (), id="a name that no object can have"),
    ],
)
def test_where_no_change_would_help_none_is_proposed(name, objects):
    assert _proposals(name, objects) == []


@pytest.mark.parametrize(
    ("asker", "patch"),
    [
        pytest.param(
            pod("asker", dnsPolicy="Default"),
            _strategic("Pod", "asker", {"spec": {"dnsPolicy": "ClusterFirst"}}),
            id="a bare pod",
        ),
        pytest.param(
            {**DEPLOYED, "spec": {**DEPLOYED["spec"], "dnsPolicy": "Default"}},
            _strategic(
                "Deployment",
                "asker",
                {"spec": {"template": {"spec": {"dnsPolicy": "ClusterFirst"}}}},
            ),
            id="a Deployment, by its ReplicaSet",
        ),
        pytest.param(
            pod(
                "asker",
                containers=[
                    {
                        "name": "main",
                        "image": "a",
                        "volumeMounts": [{"name": "own", "mountPath": "/etc/resolv.conf"}],
                    }
                ],
            ),
            _strategic(
                "Pod",
                "asker",
                {
                    "spec": {
                        "containers": [
                            {
                                "name": "main",
                                "volumeMounts": [
                                    {"mountPath": "/etc/resolv.conf", "$patch": "delete"}
                                ],
                            }
                        ]
                    }
                },
            ),
            id="a resolv.conf that is mounted",
        ),
        pytest.param(
            pod("asker", hostNetwork=True),
            _strategic("Pod", "asker", {"spec": {"dnsPolicy": "ClusterFirstWithHostNet"}}),
            id="a hostNetwork pod",
        ),
        pytest.param(
            pod("asker", dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.53"]}),
            _strategic(
                "Pod",
                "asker",
                {"spec": {"dnsPolicy": "ClusterFirst", "dnsConfig": {"nameservers": None}}},
            ),
            id="a nameserver of its own",
        ),
    ],
)
def test_the_workload_of_the_pod_that_asks_gets_the_clusters_dns(asker, patch):
    first = _proposals("api", (service("api"), OWNED), asker=asker, uses_cluster_dns=False)[0]
    assert (first.rank, first.changes) == (Rank.OWN, (patch,))


def test_a_resolv_conf_that_the_container_itself_wrote_gets_no_fix():
    assert _proposals("api", (service("api"),), uses_cluster_dns=False) == []


@pytest.mark.parametrize(
    ("aliases", "given", "changes"),
    [
        pytest.param(
            [{"ip": "192.0.2.7", "hostnames": ["api"]}],
            AnswerFound(
                ("192.0.2.7",),
                shadowed=("api.shop.svc.cluster.local.", ("10.96.0.77",)),
                is_alias=True,
            ),
            (
                _strategic(
                    "Pod",
                    "asker",
                    {"spec": {"hostAliases": [{"ip": "192.0.2.7", "$patch": "delete"}]}},
                ),
            ),
            id="an alias with this name alone goes",
        ),
        pytest.param(
            [{"ip": "192.0.2.7", "hostnames": ["api", "b"]}],
            AnswerFound(
                ("192.0.2.7",),
                shadowed=("api.shop.svc.cluster.local.", ("10.96.0.77",)),
                is_alias=True,
            ),
            (
                _strategic(
                    "Pod",
                    "asker",
                    {"spec": {"hostAliases": [{"ip": "192.0.2.7", "hostnames": ["b"]}]}},
                ),
            ),
            id="an alias with more names keeps those",
        ),
        pytest.param(
            [],
            AnswerFound(("192.0.2.7",), shadowed=("api.shop.svc.cluster.local.", ("10.96.0.77",))),
            (Restart("Pod", "shop", "asker"),),
            id="a line that nobody declared ends with a restart",
        ),
    ],
)
def test_a_line_that_shadows_a_service_goes(aliases, given, changes):
    at = context(asker=pod("asker", hostAliases=aliases))
    objects = (namespace("shop"), service("api"))
    readings = answer(read_answer("api", given, at), objects)
    found = answer(propose("api", readings, at), objects)
    ranks = {each.rank: each.changes for each in found}
    assert ranks[Rank.OWN] == changes
    assert AskName("api.shop") in ranks[Rank.ASK] or ranks[Rank.ASK] == (
        AskName("api.shop.svc.cluster.local."),
    )


def test_a_template_below_a_search_domain_captures_a_name_as_any_other_does():
    """Where no entry of `hosts` is what it should have been."""
    given = AnswerFound(
        ("192.0.2.7",),
        answered="www.example.org.corp.test.",
        suffix="corp.test",
        later="www.example.org.",
        by_corefile=True,
    )
    (reading,) = answer(read_answer("www.example.org", given, context()), (namespace("shop"),))
    said = "www.example.org.corp.test is asked first (search domain corp.test) and answered"
    assert [each.words for each in reading.missing] == [said]


def _run(proposals, outcomes):
    tried = []

    def prove(changes, name):
        yield from ()
        tried.append(name)
        return outcomes.get(name, Proved(Outcome.NXDOMAIN))

    return answer(proved_fixes(proposals, prove), ()), tried


def _ask(name, leads_to, group="", rank=Rank.ASK):
    return Proposal(
        changes=(AskName(name),),
        sentence=f"Ask {name}",
        name=name,
        leads_to=frozenset({leads_to}),
        rank=rank,
        group=group,
    )


FOUND = Proved(Outcome.FOUND, ("10.96.0.77",), "api.shop.svc.cluster.local.", "Service shop/api")
WHOLE = "api.shop.svc.cluster.local."


_ENDPOINTS = {
    "kind": "Endpoints",
    "metadata": {"namespace": "shop", "name": "ledger-db"},
    "subsets": [{"addresses": [{"ip": "192.0.2.4"}], "ports": [{"port": 5432}]}],
}
_PEER = {"labels": {"app": "rabbit"}, "owner": "StatefulSet/rabbit"}
NOBODY = (Asked("api.example.org.", Outcome.NXDOMAIN, "no such name"),)


@pytest.mark.parametrize(
    ("address", "sentences"),
    [
        pytest.param(
            "203.0.113.9",
            ["Add api.example.org to the hostAliases of Pod shop/asker"],
            id="where the Ingress is reached",
        ),
        pytest.param("", [], id="an Ingress without an address"),
    ],
)
def test_the_host_of_an_ingress_becomes_an_alias(address, sentences):
    found = _proposals("api.example.org", (ingress("api.example.org", address),), asked=NOBODY)
    assert [each.sentence for each in found] == sentences


WITH_A_NAME = [
    pytest.param(
        "rabbit-0",
        (
            service("rabbit", headless=True),
            pod("rabbit-0", **_PEER, ready=False, hostname="rabbit-0", subdomain="rabbit"),
        ),
        (
            "Set publishNotReadyAddresses on Service shop/rabbit and ask rabbit-0.rabbit",
            "rabbit-0.rabbit.shop.svc.cluster.local.",
        ),
        id="the bare name of a pod that is not ready",
    ),
    pytest.param(
        "rabbit-3",
        (
            service("rabbit", headless=True),
            stateful_set("rabbit", service_name="rabbit"),
            pod("rabbit-0", **_PEER, hostname="rabbit-0", subdomain="rabbit"),
        ),
        (
            "Scale StatefulSet shop/rabbit to 4 replicas and ask rabbit-3.rabbit",
            "rabbit-3.rabbit.shop.svc.cluster.local.",
        ),
        id="the bare name of a pod that the set does not have",
    ),
    pytest.param(
        "rabbit",
        (service("rabbit", headless=True), pod("rabbit-0", namespace="bank", **_PEER)),
        (
            "Create headless Service bank/rabbit beside its pods and ask rabbit.bank",
            "rabbit.bank.svc.cluster.local.",
        ),
        id="a Service away from its pods",
    ),
    pytest.param(
        "one.team",
        (pod("named", labels={}, hostname="one", subdomain="team"),),
        (
            "Label pod named with app=named and create headless Service shop/team for it",
            "one.team.shop.svc.cluster.local.",
        ),
        id="a pod without labels gets one for its Service",
    ),
    pytest.param(
        "ledger",
        (service("ledger", headless=True, selector={}), _ENDPOINTS),
        (
            "Give Service shop/ledger an EndpointSlice with the addresses of Endpoints ledger-db",
            "ledger.shop.svc.cluster.local.",
        ),
        id="Endpoints that are called otherwise",
    ),
]


@pytest.mark.parametrize(("name", "objects", "last"), WITH_A_NAME)
def test_a_change_may_need_another_name_with_it(name, objects, last):
    changed = next(
        each
        for each in _proposals(name, objects)
        if not all(isinstance(change, AskName) for change in each.changes)
    )
    sentence, leads_to = last
    assert changed.sentence == sentence
    assert leads_to in changed.leads_to


def test_a_fix_is_what_was_proved_and_says_what_it_gives():
    (fix,), _ = _run([_ask("api", WHOLE)], {"api": FOUND})
    assert (fix.kind, fix.name, fix.commands, fix.touches) == (FixKind.ASK_NAME, "api", (), ())
    assert fix.then == Then(
        outcome=Outcome.FOUND, addresses=("10.96.0.77",), origin="Service shop/api"
    )


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(Proved(Outcome.NXDOMAIN), id="nothing is found with it"),
        pytest.param(Proved(Outcome.UNKNOWN), id="nobody can tell"),
        pytest.param(
            FOUND._replace(answered="api.example.com."), id="another name gives the answer"
        ),
        pytest.param(FOUND._replace(answered=""), id="the hosts file gives the answer"),
    ],
)
def test_what_does_not_lead_to_what_was_meant_is_no_fix(then):
    assert _run([_ask("api", WHOLE)], {"api": then})[0] == ()


@pytest.mark.parametrize(
    ("values", "is_fix"),
    [
        pytest.param({"10.244.0.9"}, True, id="the pod alone answers"),
        pytest.param({"10.244.0.9", "10.244.0.8"}, False, id="another pod answers as well"),
    ],
)
def test_a_service_for_one_pod_is_a_fix_where_no_other_answers(values, is_fix):
    objects = (TEAM, pod("one", labels={"app": "team"}, subdomain="team", owner="Ring/one"))
    found = FOUND._replace(answered="team.shop.svc.cluster.local.", values=frozenset(values))
    proposals = _proposals("one.team", objects)
    asked = {each.name: found for each in proposals}
    assert bool(_run(proposals, asked)[0]) == is_fix


@pytest.mark.parametrize(
    ("behind", "is_fix"),
    [
        pytest.param(["10.244.0.9"], True, id="it leads to the pod alone"),
        pytest.param(["10.244.0.9", "10.244.0.8"], False, id="it leads to another one, too"),
        pytest.param([], False, id="it leads nowhere"),
    ],
)
def test_a_cluster_ip_for_one_pod_is_a_fix_where_it_leads_to_no_other(behind, is_fix):
    objects = (
        service("web"),
        pod("web-7d9c-x", labels={"app": "web"}, owner="ReplicaSet/web-7d9c"),
        slice_of("web-1", service="web", endpoints=[{"addresses": [each]} for each in behind]),
    )
    found = FOUND._replace(answered="web.shop.svc.cluster.local.", values=frozenset({"10.96.0.77"}))
    asked = {each.name: found for each in _proposals("web-7d9c-x", objects)}
    fixes = _run(_proposals("web-7d9c-x", objects), asked)[0]
    assert ("web" in {each.name for each in fixes}) == is_fix


@pytest.mark.parametrize(
    ("name", "start", "others"),
    [
        pytest.param("pg-0.pg", 1, {"pg-1.pg"}, id="before the first"),
        pytest.param("pg-0", 1, {"pg-1.pg"}, id="its bare name"),
        pytest.param("pg-2.pg", 0, set(), id="behind the last"),
        pytest.param("pg-2", 0, set(), id="the bare name of that"),
    ],
)
def test_another_pod_is_asked_only_where_the_set_counts_from_further_on(name, start, others):
    first = f"pg-{start}"
    objects = (
        PG,
        stateful_set("pg", replicas=1, service_name="pg", start=start),
        pod(first, hostname=first, subdomain="pg", **SET_POD),
    )
    asked = {
        each.name
        for each in _proposals(name, objects)
        if all(isinstance(change, AskName) for change in each.changes)
    }
    assert {each for each in asked if each.count(".") == 1} == others


def test_one_pods_name_is_given_to_no_template():
    """A hostname in it would be that of all pods that it makes."""
    one = pod(
        "web-7bbffb6f49-cxqc8", labels={"app": "team"}, owner="DaemonSet/web", subdomain="team"
    )
    objects = (TEAM, one)
    patched = {
        name: [
            change.patch["spec"]["template"]["spec"]
            for each in _proposals(name, objects)
            for change in each.changes
            if isinstance(change, Patch)
        ]
        for name in ("web.team", "web-0.team", "web-65ccfdbf89-ltv5b.team")
    }
    assert patched == {
        "web.team": [{"hostname": "web"}] * 3,
        "web-0.team": [],
        "web-65ccfdbf89-ltv5b.team": [],
    }


@pytest.mark.parametrize(
    ("rules", "block"),
    [
        pytest.param(
            "rewrite name db.test 192.0.2.7\n",
            ["    hosts {", "        192.0.2.7 db.test", "        fallthrough", "    }"],
            id="in the place of the rule",
        ),
        pytest.param(
            "hosts {\n        fallthrough\n    }\n    rewrite name db.test 192.0.2.7\n",
            ["    hosts {", "        192.0.2.7 db.test", "        fallthrough", "    }"],
            id="in the block of `hosts` above it",
        ),
        pytest.param(
            "rewrite name db.test 192.0.2.7\n    hosts {\n        fallthrough\n    }\n",
            ["    hosts {", "        192.0.2.7 db.test", "        fallthrough", "    }"],
            id="in the one below it",
        ),
        pytest.param("rewrite name suffix .test 192.0.2.7\n", None, id="a rule for many names"),
    ],
)
def test_a_rule_that_makes_an_address_becomes_an_entry(rules, block):
    corefile = f".:53 {{\n    {rules}}}\n"
    server = ClusterDNS(corefile=parse_corefile(corefile), object="kube-system/coredns")
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile}}
    asked = (Asked("db.test.", Outcome.NXDOMAIN),)
    edits = [
        change.new
        for each in _proposals("db.test", (text,), server=server, asked=asked)
        for change in each.changes
    ]
    wanted = [] if block is None else ["\n".join((".:53 {", *block, "}", ""))]
    assert edits == wanted


@pytest.mark.parametrize(
    ("zone", "objects", "new"),
    [
        pytest.param(
            "@ IN SOA a b ( 7 ; serial\n 2 3 4 5)\n",
            (service("git"),),
            "@ IN SOA a b ( 8 ; serial\n 2 3 4 5)\ngit.corp.test. IN A 10.96.0.77\n",
            id="the address of the Service that is called so",
        ),
        pytest.param("@ IN SOA a b 7 2 3 4 5\n", (), "", id="no Service is called so"),
        pytest.param(
            "@ IN SOA a b 7 2 3 4 5\n",
            (service("git", headless=True),),
            "",
            id="one whose addresses do not last",
        ),
        pytest.param(
            "@ IN NS a\n", (service("git"),), "", id="no serial by which it is read again"
        ),
    ],
)
def test_a_zone_file_gets_the_record_of_a_service(zone, objects, new):
    path, corefile = "/etc/coredns/own", ".:53 {\n  file /etc/coredns/own corp.test\n}\n"
    server = ClusterDNS(
        corefile=parse_corefile(corefile),
        object="kube-system/coredns",
        files={path: zone},
        file_sources={path: "kube-system/coredns"},
    )
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile, "own": zone}}
    asked = (Asked("git.corp.test.", Outcome.NXDOMAIN),)
    edits = [
        (change.key, change.new)
        for each in _proposals("git.corp.test", (*objects, text), server=server, asked=asked)
        for change in each.changes
        if isinstance(change, EditCorefile)
    ]
    assert edits == ([("own", new)] if new else [])


REFUSED = ".:53 {\n  kubernetes cluster.local {\n    OPTION\n  }\n  LAST\n}\n"


@pytest.mark.parametrize(
    ("option", "last", "version", "sentence", "new"),
    [
        pytest.param(
            "except a.test",
            "cache",
            (1, 12, 1),
            "Take `except` out of `kubernetes` in the Corefile",
            REFUSED.replace("    OPTION\n", "").replace("LAST", "cache"),
            id="an option of another plugin",
        ),
        pytest.param(
            "upstream",
            "proxy . 192.0.2.1",
            (1, 8, 0),
            "Write `forward` for `proxy` and take `upstream` out of `kubernetes` in the Corefile",
            REFUSED.replace("    OPTION\n", "").replace("LAST", "forward . 192.0.2.1"),
            id="what releases have dropped",
        ),
        pytest.param(
            "pods insecure",
            "forward . api.shop.svc.cluster.local",
            (1, 12, 1),
            "Write 10.96.0.77 for api.shop.svc.cluster.local in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace("LAST", "forward . 10.96.0.77"),
            id="the name of a Service where an address belongs",
        ),
        *(
            pytest.param("pods insecure", f"forward . {to}", (1, 12, 1), "", "", id=f"to {to}")
            for to in ("db.shop.svc.cluster.local", "ns1.example.com", "api")
        ),
        pytest.param(
            "ttl 9999", "cache", (1, 12, 1), "", "", id="a value that nobody knows better"
        ),
        pytest.param(
            "pods insecure",
            "loop\n  loop",
            (1, 12, 1),
            "Take the second `loop` out in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace("LAST", "loop"),
            id="a plugin that stands twice",
        ),
        pytest.param(
            "pods insecure",
            "kubernetes a.test",
            (1, 12, 1),
            "",
            "",
            id="which of two zones stays",
        ),
        pytest.param(
            "pods insecure",
            "hosts {\n    192.0.2.1 a\n    fallthrough\n  }\n"
            "  hosts {\n    192.0.2.2 b\n    fallthrough\n  }",
            (1, 12, 1),
            "Put the entries of both `hosts` into one in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace(
                "LAST", "hosts {\n    192.0.2.2 b\n    192.0.2.1 a\n    fallthrough\n  }"
            ),
            id="hosts twice",
        ),
        pytest.param(
            "pods insecure",
            "hosts {\n    192.0.2.1 a\n    fallthrough\n    192.0.2.2 b\n  }",
            (1, 12, 1),
            "Move `fallthrough` behind the entries of `hosts` in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace(
                "LAST", "hosts {\n    192.0.2.1 a\n    192.0.2.2 b\n    fallthrough\n  }"
            ),
            id="an entry behind fallthrough",
        ),
        pytest.param(
            "pods insecure",
            "foward . 192.0.2.1",
            (1, 12, 1),
            "Write `forward` for `foward` in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace("LAST", "forward . 192.0.2.1"),
            id="a slip in a plugin's name",
        ),
        pytest.param(
            "podss insecure",
            "cache {\n    succes 100\n  }",
            (1, 12, 1),
            "Write `pods` for `podss` and write `success` for `succes` in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace(
                "LAST", "cache {\n    success 100\n  }"
            ),
            id="slips in options' names",
        ),
        pytest.param(
            "pods insecure",
            "forward . 192.0.2.1 {\n    max_concurrent 9\n  loop\n  cache {\n  }",
            (1, 12, 1),
            "Close the brace of line 5 in the Corefile",
            REFUSED.replace("OPTION", "pods insecure").replace(
                "LAST",
                "forward . 192.0.2.1 {\n    max_concurrent 9\n  }\n  loop\n  cache {\n  }",
            ),
            id="a brace that is missing",
        ),
    ],
)
def test_what_a_release_does_not_know_goes_out_of_the_corefile(
    option, last, version, sentence, new
):
    corefile = REFUSED.replace("OPTION", option).replace("LAST", last)
    server = ClusterDNS(
        corefile=parse_corefile(corefile, version=version),
        object="kube-system/coredns",
        version=version,
    )
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile}}
    asked = (Asked("api.shop.svc.cluster.local.", Outcome.UNKNOWN),)
    edits = [
        (each.sentence, change.new)
        for each in _proposals("api", (service("api"), text), server=server, asked=asked)
        for change in each.changes
        if isinstance(change, EditCorefile)
    ]
    assert edits[:1] == ([(sentence, new)] if sentence else [])


def test_of_a_group_one_fix_is_enough():
    proposals = [_ask("api", WHOLE, "one"), _ask("api.shop", WHOLE, "one")]
    assert _run(proposals, {"api": FOUND, "api.shop": FOUND})[1] == ["api"]


def test_at_most_three_the_cheapest_first():
    names = {f"n{at}": FOUND for at in range(5)}
    proposals = [_ask(name, WHOLE, rank=Rank(5 - at)) for at, name in enumerate(names)]
    fixes, tried = _run(proposals, names)
    assert ([each.name for each in fixes], tried) == (["n4", "n3", "n2"], ["n4", "n3", "n2"])


def test_a_corefile_is_edited_where_its_text_is():
    change = EditCorefile("kube-system", "coredns", "Corefile", "a", "b")
    proposal = Proposal(
        changes=(change,),
        sentence="Add x",
        name="api",
        leads_to=frozenset({WHOLE}),
        rank=Rank.COREFILE,
    )
    (fix,), _ = _run([proposal], {"api": FOUND})
    assert (fix.kind, fix.touches) == (FixKind.EDIT_COREFILE, ("ConfigMap kube-system/coredns",))


COREFILE = """\
.:53 {
    hosts {
        192.0.2.70 db.test
    }
    kubernetes cluster.local {
        namespaces default
    }
}
"""
IN_CONFIG_MAP = {
    "kind": "ConfigMap",
    "metadata": {"namespace": "kube-system", "name": "coredns"},
    "data": {"Corefile": COREFILE},
}


@pytest.mark.parametrize(
    ("corefile", "asked", "line"),
    [
        pytest.param(
            COREFILE,
            (),
            "        namespaces default shop",
            id="a namespace that is left out",
        ),
        pytest.param(
            COREFILE.replace("        namespaces default\n", ""),
            (Asked("api.shop.svc.cluster.local.", Outcome.SERVFAIL),),
            "        fallthrough",
            id="hosts without fallthrough",
        ),
    ],
)
def test_the_corefile_gets_the_line_that_is_missing(corefile, asked, line):
    """A property of hosts goes behind its entries: CoreDNS takes no entry after one."""
    server = ClusterDNS(corefile=parse_corefile(corefile), object="kube-system/coredns")
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile}}
    objects = (service("api"), text)
    (last,) = [
        change
        for each in _proposals("api", objects, server=server, asked=asked)
        for change in each.changes
        if isinstance(change, EditCorefile) and len(each.changes) == 1
    ]
    old, new = last.old.split("\n"), last.new.split("\n")
    assert [each for each in new if each not in old] == [line]
    before = new[new.index(line) - 1]
    assert before in {"        192.0.2.70 db.test", "    kubernetes cluster.local {"}


def test_an_entry_that_is_not_reached_gets_a_block_of_its_own():
    corefile = (
        ".:53 {\n    template IN A corp.example {\n        rcode NXDOMAIN\n    }\n"
        "    hosts {\n        192.0.2.9 db.corp.example\n    }\n}\n"
    )
    server = ClusterDNS(corefile=parse_corefile(corefile), object="kube-system/coredns")
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile}}
    found = _proposals("db.corp.example", (text,), server=server)
    changes = (change for each in found for change in each.changes)
    change = next(each for each in changes if isinstance(each, EditCorefile))
    assert change.new == (
        f"{corefile}db.corp.example:53 {{\n    hosts {{\n        192.0.2.9 db.corp.example\n"
        "    }\n}\n"
    )


DNS = service("kube-dns", namespace="kube-system", selector={"k8s-app": "kube-dns"})


@pytest.mark.parametrize(
    ("corefile", "owner", "end", "restarts"),
    [
        pytest.param(
            COREFILE,
            "DaemonSet/coredns",
            "Corefile, which has no `reload`, and restart DaemonSet kube-system/coredns",
            (Restart("DaemonSet", "kube-system", "coredns"),),
            id="without reload",
        ),
        pytest.param(
            COREFILE,
            None,
            "Corefile, which has no `reload`, and restart the DNS pods",
            (),
            id="pods that nothing owns",
        ),
        pytest.param(
            COREFILE.replace("    hosts {", "    reload\n    hosts {"),
            "DaemonSet/coredns",
            "Corefile",
            (),
            id="with reload",
        ),
    ],
)
def test_an_edited_corefile_that_is_not_read_again_needs_a_restart(corefile, owner, end, restarts):
    server = ClusterDNS(
        corefile=parse_corefile(corefile),
        object="kube-system/coredns",
        service="kube-system/kube-dns",
    )
    text = {**IN_CONFIG_MAP, "data": {"Corefile": corefile}}
    dns = pod("coredns-1", namespace="kube-system", labels={"k8s-app": "kube-dns"}, owner=owner)
    api = service("api")
    asked = (Asked("api.shop.svc.cluster.local.", Outcome.SERVFAIL),)
    found = _proposals("api", (text, DNS, dns, api), server=server, asked=asked)
    edited = next(e for e in found if any(isinstance(c, EditCorefile) for c in e.changes))
    assert edited.sentence.endswith(end)
    assert edited.changes[1:] == restarts


CACHE = """\
cluster.local:53 {
    bind 169.254.20.10
    forward . 10.96.0.10
    health 169.254.20.10:8080
}
.:53 {
    forward . 192.0.2.53
}
"""
CACHE_WITH_BLOCK = """\
cluster.local:53 {
    bind 169.254.20.10
    forward . 10.96.0.10
    health 169.254.20.10:8080
}
db.test:53 {
    bind 169.254.20.10
    forward . 10.96.0.10
}
.:53 {
    forward . 192.0.2.53
}
"""


RULE = "    rewrite name pg.test db.shop.svc.cluster.local\n"
CACHE_WITH_RULE = CACHE.replace(".:53 {\n", f".:53 {{\n{RULE}")


@pytest.mark.parametrize(
    ("cache", "name", "block"),
    [
        pytest.param(CACHE, "db.test", "db.test:53 {\n", id="for an entry of the cluster's DNS"),
        pytest.param(CACHE_WITH_RULE, "pg.test", f"pg.test:53 {{\n{RULE}", id="for its own rule"),
    ],
)
def test_the_cache_on_the_node_gets_a_block_that_leads_to_the_clusters_dns(cache, name, block):
    behind = ClusterDNS(corefile=parse_corefile(COREFILE), object="kube-system/coredns")
    server = node_local(cache, behind=behind, behind_addresses=("10.96.0.10",))
    metadata = {"namespace": "kube-system", "name": "node-local-dns"}
    text = {"kind": "ConfigMap", "metadata": metadata, "data": {"Corefile": cache}}
    found = _proposals(name, (text, IN_CONFIG_MAP), server=server)
    changes = (change for each in found for change in each.changes)
    change = next(each for each in changes if isinstance(each, EditCorefile))
    rest = cache.removeprefix(CACHE[: CACHE.index(".:53")])
    like = CACHE_WITH_BLOCK[: CACHE_WITH_BLOCK.index(".:53")].replace("db.test:53 {\n", block)
    assert (change.config_map, change.new) == ("node-local-dns", like + rest)


ZONES = """\
.:53 {
    kubernetes cluster.local corp.example in-addr.arpa {
        fallthrough in-addr.arpa
    }
    file db.corp corp.example
}
"""


def test_a_zone_of_kubernetes_is_added_to_those_that_fall_through():
    server = ClusterDNS(corefile=parse_corefile(ZONES), object="kube-system/coredns")
    text = {**IN_CONFIG_MAP, "data": {"Corefile": ZONES}}
    found = _proposals("db.corp.example.", (text,), server=server)
    changes = (change for each in found for change in each.changes)
    change = next(each for each in changes if isinstance(each, EditCorefile))
    assert change.new == ZONES.replace("h in-addr.arpa", "h in-addr.arpa corp.example")


@pytest.mark.parametrize(
    ("there", "option", "is_taken_out"),
    [
        pytest.param(
            (service("db", headless=True), slice_of("db-1", service="db")),
            "noendpoints",
            True,
            id="a headless Service with endpoints",
        ),
        pytest.param(
            (alias("db", "web.example"),), "ignore empty_service", True, id="an ExternalName"
        ),
        pytest.param(
            (service("db"),),
            "ignore empty_service",
            False,
            id="a cluster IP with nothing behind it",
        ),
    ],
)
def test_an_option_that_hides_a_service_is_taken_out(there, option, is_taken_out):
    text = ".:53 {\n    kubernetes cluster.local {\n        %s\n        ttl 30\n    }\n}\n"
    corefile = {**IN_CONFIG_MAP, "data": {"Corefile": text % option}}
    server = ClusterDNS(
        corefile=parse_corefile(text % option), object="kube-system/coredns", version=(1, 5, 0)
    )
    found = _proposals("db", (*there, corefile), server=server)
    changes = [change for each in found for change in each.changes]
    edits = {each.new for each in changes if isinstance(each, EditCorefile)}
    assert edits == ({text.replace("        %s\n", "")} if is_taken_out else set())


OF_A_SET = pod("pg-0", owner="StatefulSet/pg", hostname="pg-0", subdomain="pg")
SELECTED = pod("other", labels={"app": "postgres"})


@pytest.mark.parametrize(
    ("others", "selectors"),
    [
        pytest.param((), [{"app": "pg-0"}], id="a Service that selects nothing"),
        pytest.param((SELECTED,), [], id="a Service that selects others"),
    ],
)
def test_a_selector_is_changed_where_nobody_loses_by_it(others, selectors):
    pg = service("pg", headless=True, selector={"app": "postgres"})
    found = _proposals("pg-0.pg", (pg, OF_A_SET, *others))
    changes = (change for each in found for change in each.changes)
    patches = (each.patch for each in changes if isinstance(each, Patch) and each.kind == "Service")
    made = [each["spec"]["selector"] for each in patches]
    assert [each for at, each in enumerate(made) if each not in made[:at]] == selectors


@pytest.mark.parametrize(
    ("labels", "selectors"),
    [
        pytest.param({"app": "cat"}, [{"app": "cat", "tier": "a"}], id="one kind of pods has them"),
        pytest.param({"team": "x"}, [], id="several kinds have them"),
        pytest.param({"app": "dog"}, [], id="no pod has them"),
        pytest.param({}, [], id="it has none"),
    ],
)
def test_a_service_without_a_selector_means_the_pods_with_its_own_labels(labels, selectors):
    ring = service("ring", headless=True, selector={})
    there = (
        {**ring, "metadata": {**ring["metadata"], "labels": labels}},
        pod("web-1", labels={"app": "cat", "tier": "a"}),
        pod("web-2", labels={"app": "cat", "tier": "a"}),
        pod("sky-1", labels={"app": "sky", "team": "x"}),
        pod("sea-1", labels={"app": "sea", "team": "x"}),
    )
    changes = (change for each in _proposals("ring", there) for change in each.changes)
    made = [each.patch["spec"]["selector"] for each in changes if isinstance(each, Patch)]
    assert [each for at, each in enumerate(made) if each not in made[:at]] == selectors


EDITS = """\
.:53 {
    rewrite name db.half.test api.shop
    rewrite name suffix .typo.test .shopp.svc.cluster.local
    template IN A tpl.test {
        match ^db[.]tpl[.]test$
    }
    template ANY CNAME alias.test {
        answer "{{ .Name }} 60 IN CNAME redis.shop.svc.cluster.local"
    }
    template ANY A name.test {
        answer "{{ .Name }} 60 IN A redis.shop.svc.cluster.local"
    }
    hosts {
        192.0.2.9 *.wild.test
        fallthrough
    }
    kubernetes cluster.local
}
*.star.test:53 {
    log
}
port.test:5353 {
    log
}
"""


@pytest.mark.parametrize(
    ("name", "written", "instead"),
    [
        ("db.half.test", "api.shop\n", "api.shop.svc.cluster.local\n"),
        ("api.typo.test", ".shopp.svc", ".shop.svc"),
        ("db.tpl.test", "[.]test$", "[.]test\\.$"),
        ("a.alias.test", "ANY CNAME", "ANY ANY"),
        (
            "a.name.test",
            'A name.test {\n        answer "{{ .Name }} 60 IN A redis',
            'ANY name.test {\n        answer "{{ .Name }} 60 IN CNAME redis',
        ),
        (
            "a.wild.test",
            "192.0.2.9 *.wild.test\n",
            "192.0.2.9 *.wild.test\n        192.0.2.9 a.wild.test\n",
        ),
        ("a.star.test", "*.star.test", "star.test"),
        ("a.port.test", ":5353", ":53"),
    ],
)
def test_a_line_of_the_corefile_is_written_as_it_was_meant(name, written, instead):
    server = ClusterDNS(
        corefile=parse_corefile(EDITS), object="kube-system/coredns", version=(1, 12, 1)
    )
    text = {**IN_CONFIG_MAP, "data": {"Corefile": EDITS}}
    found = _proposals(name, (service("api"), text), server=server)
    edits = {c.new for each in found for c in each.changes if isinstance(c, EditCorefile)}
    assert edits == {EDITS.replace(written, instead)}


def test_a_line_of_an_imported_file_is_written_in_its_own_config_map():
    path, rule = "/etc/coredns/custom/a.override", "rewrite name db.half.test api.shop\n"
    corefile = "import custom/*.override\n"
    server = ClusterDNS(
        corefile=parse_corefile(f".:53 {{\n{corefile}}}\n", files={path: rule}),
        object="kube-system/coredns",
        file_sources={path: "kube-system/coredns-custom"},
    )
    metadata = {"namespace": "kube-system", "name": "coredns-custom"}
    custom = {"kind": "ConfigMap", "metadata": metadata, "data": {"a.override": rule}}
    found = _proposals("db.half.test", (service("api"), IN_CONFIG_MAP, custom), server=server)
    edits = [c for each in found for c in each.changes if isinstance(c, EditCorefile)]
    assert [(each.config_map, each.key, each.new) for each in edits] == [
        ("coredns-custom", "a.override", f"{rule.rstrip()}.svc.cluster.local\n")
    ]
    assert found[0].sentence == (
        "Write api.shop.svc.cluster.local in Corefile line 1 of a.override, which has no "
        "`reload`, and restart the DNS pods"
    )


def test_a_key_that_a_volume_leaves_out_is_added_to_its_items():
    path, corefile = "/etc/coredns/own", ".:53 {\n  hosts /etc/coredns/own db.test\n}\n"
    server = ClusterDNS(
        corefile=parse_corefile(corefile),
        object="kube-system/coredns",
        service="kube-system/kube-dns",
        left_out={path: "192.0.2.9 db.test"},
        file_sources={path: "kube-system/coredns"},
    )
    first, own = ({"key": each, "path": each} for each in ("Corefile", "own"))
    volume = {"name": "config", "configMap": {"name": "coredns", "items": [first]}}
    dns = pod(
        "coredns-1",
        namespace="kube-system",
        labels={"k8s-app": "kube-dns"},
        owner="DaemonSet/coredns",
        volumes=[volume],
    )
    found = _proposals("db.test", (IN_CONFIG_MAP, DNS, dns), server=server)
    listed = {"name": "config", "configMap": {"name": "coredns", "items": [first, own]}}
    template = {"spec": {"template": {"spec": {"volumes": [listed]}}}}
    patch = Patch("DaemonSet", "kube-system", "coredns", template, "strategic")
    assert found[0].changes == (patch,)


def test_the_pod_that_asks_is_not_an_answer():
    assert _proposals("asker-2", (ASKER,)) == []
