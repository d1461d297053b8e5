"""Corefiles with mistakes: what the real CoreDNS loads is not refused here, nor the other way."""

from __future__ import annotations

import pytest

from tests.e2e.corefile_mutants import judge, program

SEEDS = range(160)


@pytest.mark.skipif(program() is None, reason="no CoreDNS on the PATH: not ../shared/realcluster")
def test_what_coredns_loads_is_not_refused_and_what_it_refuses_is_known():
    every = [judge(seed) for seed in SEEDS]
    assert [each for each in every if each.loads and each.refused] == []
    refused = [each for each in every if not each.loads]
    known = [each for each in refused if each.refused]
    # The others name files that are not there, or words of plugins that another build may have.
    assert len(known) >= 0.9 * len(refused) > 0
    assert any(each.loads for each in every)
