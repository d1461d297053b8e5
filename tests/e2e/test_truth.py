"""The truth matrix, once: predicted = observed = what the pods' own C libraries say."""

from __future__ import annotations

from tests.e2e.truth.matrix import holds, run


def test_every_prediction_is_what_the_pods_own_resolver_answers():
    pairs, line = run()
    wrong = [str(pair) for pair in pairs if pair.faults]
    assert wrong == [], line
    assert holds(pairs), line
