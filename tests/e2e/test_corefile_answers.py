"""Corefiles drawn at random: the real CoreDNS answers what is foretold."""

from __future__ import annotations

import pytest

from tests.e2e.corefile_answers import compare
from tests.e2e.corefile_mutants import program

SEEDS = range(80)


@pytest.mark.skipif(program() is None, reason="no CoreDNS on the PATH: not ../shared/realcluster")
def test_what_is_foretold_is_what_coredns_answers():
    counts = compare(SEEDS)
    assert counts.different == []
    assert counts.known > 0.7 * counts.asked > 0
