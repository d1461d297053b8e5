"""The candidates; table `search_expansion` of tests/cases/resolver.json, and what it leaves out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.dns_walk import candidate_names
from kubectl_hosts.model.resolver.resolv_conf import parse_resolv_conf

EXPANSION = json.loads((Path(__file__).parents[2] / "cases" / "resolver.json").read_text())[
    "search_expansion"
]
STUBS = {"glibc": libc.GLIBC, "musl": libc.MUSL, "go": libc.GO}


def resolv_conf(search, ndots):
    return f"nameserver 10.96.0.10\nsearch {' '.join(search)}\noptions ndots:{ndots}\n".encode()


def ask(name, stub, text):
    conf = parse_resolv_conf(text, stub.resolv_conf_reader)
    return tuple(candidate.name for candidate in candidate_names(name, conf, stub))


@pytest.mark.parametrize(
    "row",
    [row for row in EXPANSION["cases"] if row["resolver"] in STUBS],
    ids=lambda row: f"{row['name']}-{row['ndots']}-{row['resolver']}",
)
def test_search_expansion(row):
    text = resolv_conf(EXPANSION["resolv_conf"]["search"], row["ndots"])
    assert list(ask(row["name"], STUBS[row["resolver"]], text)) == row["candidates"]


@pytest.mark.parametrize(
    ("name", "search", "ndots", "glibc", "musl", "go"),
    [
        pytest.param("a", (), 5, ("a.",), ("a.",), ("a.",), id="no list"),
        pytest.param(
            "a", ("x",), 0, ("a.", "a.x."), ("a.",), ("a.", "a.x."), id="ndots:0 and no dot"
        ),
        pytest.param("a", ("x.",), 1, *[("a.x.", "a.")] * 3, id="a final dot in the list"),
        pytest.param(
            "a", (".", "x"), 1, ("a.", "a.x."), ("a..", "a.x.", "a."), ("a.x.", "a."), id="the root"
        ),
        pytest.param(
            "a.onion",
            ("x",),
            1,
            ("a.onion.", "a.onion.x."),
            ("a.onion.",),
            ("a.onion.x.",),
            id="Go does not ask for .onion",
        ),
        pytest.param(
            "a" * 60 + ".b",
            ("x" * 195, "y"),
            5,
            ("a" * 60 + ".b." + "x" * 195 + ".", "a" * 60 + ".b.y.", "a" * 60 + ".b."),
            ("a" * 60 + ".b.y.", "a" * 60 + ".b."),
            ("a" * 60 + ".b.y.", "a" * 60 + ".b."),
            id="a candidate that is too long is left out by musl and Go",
        ),
    ],
)
def test_candidates(name, search, ndots, glibc, musl, go):
    text = resolv_conf(search, ndots)
    assert tuple(ask(name, stub, text) for stub in STUBS.values()) == (glibc, musl, go)


def test_musl_before_1_1_13_has_no_search_list():
    assert ask("a", libc.MUSL_BEFORE_1_1_13, resolv_conf(("x",), 5)) == ("a.",)


ROWS = [stub for rows in libc._ROWS.values() for _, stub in rows]
LABELS = st.lists(st.sampled_from(["a", "bb", "svc"]), min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize("stub", ROWS, ids=lambda stub: stub.id)
@given(name=LABELS, search=st.lists(LABELS, max_size=3, unique=True), ndots=st.integers(0, 15))
def test_every_candidate_is_absolute_and_asked_once(stub, name, search, ndots):
    asked = ask(name, stub, resolv_conf(search, ndots))
    assert all(candidate.endswith(".") for candidate in asked)
    assert len(set(asked)) == len(asked)
    assert f"{name}." in asked
    assert ask(f"{name}.", stub, resolv_conf(search, ndots)) == (f"{name}.",)
