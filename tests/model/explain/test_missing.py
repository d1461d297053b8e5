"""What a reading can lack: each fact has words, and fills them from its own fields."""

from __future__ import annotations

from string import Formatter

import pytest

from kubectl_hosts.model.explain.missing import Missing, OfService

# A class with slots is made a second time; the first one stays until it is collected.
FACTS = sorted(
    {
        each.__name__: each
        for each in (*Missing.__subclasses__(), *OfService.__subclasses__())
        if each.__name__ != OfService.__name__
    }.values(),
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda each: each.__name__)
def test_a_fact_says_itself_by_its_own_fields(fact):
    named = {name.split(".")[1] for _, name, _, _ in Formatter().parse(fact.says) if name}
    own = {"object"} if issubclass(fact, OfService) else set()
    assert named <= {*fact.__struct_fields__} | own
    assert bool(fact.says) != ("_words" in vars(fact))
