"""Addresses that nobody has given yet: words for people, placeholders and their meaning as data."""

import pytest

from kubectl_hosts.model.explain.to_come import ToCome

REDIS = "the cluster IP that Service shop/redis will get"
WEB_0 = "the IP that pod shop/web-0 will get"
WEB_0_V6 = "the IPv6 address that pod shop/web-0 will get"


def replica(number, noun="IP"):
    return f"the {noun} that pod {number} of 3 of Deployment shop/api will get"


WORDS = {
    "198.18.0.7": REDIS,
    "198.18.1.1": WEB_0,
    "2001:db8::11": WEB_0_V6,
    **{f"198.18.2.{number}": replica(number) for number in (1, 2, 3)},
    **{f"2001:db8::2{number}": replica(number, "IPv6 address") for number in (1, 2, 3)},
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("198.18.0.7", REDIS, id="alone"),
        pytest.param(
            "asks 198.18.1.1, then 2001:db8::11.", f"asks {WEB_0}, then {WEB_0_V6}.", id="two"
        ),
        pytest.param("at [2001:db8::11]:53", f"at [{WEB_0_V6}]:53", id="in brackets"),
        pytest.param(
            "0 50 80 198-18-1-1.api.shop.svc.",
            "0 50 80 <IP>.api.shop.svc.",
            id="in the name of an endpoint",
        ),
        pytest.param("2001-db8--11.web.shop.svc.", "<IP>.web.shop.svc.", id="of IPv6"),
        pytest.param("10.96.0.10 and 192.0.2.1", "10.96.0.10 and 192.0.2.1", id="real ones"),
        pytest.param("198.18.0.70, 198.18.0", "198.18.0.70, 198.18.0", id="longer and shorter"),
        pytest.param("1.198.18.0.7", "1.198.18.0.7", id="a part of something else"),
        pytest.param("web-0.web.shop", "web-0.web.shop", id="none"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_sentence_says_what_an_address_stands_for(text, said):
    assert ToCome(WORDS).text(text) == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param(("198.18.0.7",), (REDIS,), id="one"),
        pytest.param(("10.0.0.1", "198.18.0.7"), ("10.0.0.1", REDIS), id="with a real one"),
        pytest.param(
            ("198.18.2.3", "198.18.2.1", "198.18.2.2"),
            ("the IPs that the 3 pods of Deployment shop/api will get",),
            id="all replicas",
        ),
        pytest.param(
            ("198.18.2.3", "198.18.2.1"),
            ("the IPs that 2 pods of Deployment shop/api will get",),
            id="some replicas",
        ),
        pytest.param(("198.18.2.3",), (replica(3),), id="one replica"),
        pytest.param(
            ("2001:db8::21", "2001:db8::22", "2001:db8::23"),
            ("the IPv6 addresses that the 3 pods of Deployment shop/api will get",),
            id="their IPv6 addresses",
        ),
        pytest.param(("10.0.0.1", "10.0.0.1"), ("10.0.0.1",), id="each once"),
        pytest.param((), (), id="none"),
    ],
)
def test_values_are_said_once_for_all_replicas(values, said):
    assert ToCome(WORDS).values(values) == said


def test_the_pod_that_asks_has_its_own_ip():
    to_come = ToCome(WORDS, ("198.18.1.1", "2001:db8::11", "10.0.0.9"))
    assert to_come.values(("198.18.1.1", "2001:db8::11")) == ("the pod's own IP",)
    assert to_come.values(("198.18.1.1", "198.18.0.7")) == (WEB_0, REDIS)
    assert to_come.values(("10.0.0.9",)) == ("10.0.0.9",)
    text = to_come.text("glibc: 198.18.1.1; musl: 198.18.1.1, 2001:db8::11")
    own = "the pod's own IP"
    assert text == f"glibc: {own}; musl: {own}, the pod's own IPv6 address"


def test_a_document_names_the_placeholders_that_it_has_and_no_others():
    texts = ("198.18.0.7", "0 50 80 198-18-1-1.web.shop.svc.", "10.0.0.1")
    assert ToCome(WORDS).mentioned(texts) == {"198.18.0.7": REDIS, "198.18.1.1": WEB_0}
    assert ToCome(WORDS).mentioned(("10.0.0.1",)) == {}
