"""What a reading can lack: each fact has words, and fills them from its own fields."""

from __future__ import annotations

from string import Formatter

import pytest

from kubectl_hosts.model.explain.missing import Missing

# A class with slots is made a second time; the first one stays until it is collected.
FACTS = sorted(
    {each.__name__: each for each in Missing.__subclasses__()}.values(),
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda each: each.__name__)
def test_a_fact_says_itself_by_its_own_fields(fact):
    named = {name.removeprefix("0.") for _, name, _, _ in Formatter().parse(fact.says) if name}
    assert named <= {*fact.__struct_fields__}
    assert bool(fact.says) != ("words" in vars(fact))
