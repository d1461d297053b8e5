"""What `explain -f` says before anything is applied is what the pods see afterwards."""

from __future__ import annotations

from tests.e2e.control_plane.names import LEAST_SETS, holds, run
from tests.e2e.control_plane.sets import SETS


def test_names_predicted_from_files_are_what_the_pods_see():
    assert len(SETS) >= LEAST_SETS
    pairs, line = run()
    assert [str(pair) for pair in pairs if pair.fault] == [], line
    assert holds(pairs), line
