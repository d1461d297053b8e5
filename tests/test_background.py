"""Calls on several threads: what they give, in what order, and that nothing is kept of it."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from itertools import count, islice

import pytest

from kubectl_hosts.background import map_at_once

resource = pytest.importorskip("resource")  # POSIX's


class Value:
    def __init__(self, number):
        self.number = number


def test_every_call_gives_its_value_once():
    given = map_at_once(lambda each: each * 2, range(100), at_once=4)
    assert sorted(given) == [(each, each * 2) for each in range(100)]


@pytest.mark.parametrize(
    ("descriptors", "at_once"), [(1024, 8), (32, 2), (20, 1), (resource.RLIM_INFINITY, 8)]
)
def test_no_more_calls_than_descriptors_for_them(monkeypatch, descriptors, at_once):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    running, most = [], []

    def call(number):
        running.append(number)
        time.sleep(0.01)
        most.append(len(running))
        running.remove(number)

    assert len(list(map_at_once(call, range(30), at_once=8))) == 30
    assert max(most) <= at_once


def test_of_no_arguments_nothing_comes():
    assert list(map_at_once(str, [], at_once=4)) == []


def test_no_value_is_kept_once_it_was_taken():
    seen = []
    for _, value in map_at_once(Value, range(200), at_once=4):
        seen.append(weakref.ref(value))
        del value
        gc.collect()
        assert sum(each() is not None for each in seen) <= 1


def test_calls_do_not_run_ahead_of_who_takes_their_values():
    begun = count()
    values = map_at_once(lambda _: next(begun), range(1000), at_once=4)
    assert len(list(islice(values, 10))) == 10
    values.close()
    assert next(begun) < 30


@pytest.mark.parametrize(
    ("descriptors", "together"),
    [
        pytest.param(1024, 4, id="enough"),
        pytest.param(20, 2, id="few"),
        pytest.param(10, 1, id="hardly any"),
        pytest.param(-1, 4, id="no limit"),
    ],
)
def test_no_more_run_together_than_there_are_descriptors_for(monkeypatch, descriptors, together):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    room = threading.Semaphore(together)

    def call(_):
        assert room.acquire(blocking=False)
        time.sleep(0.001)
        room.release()

    assert len(list(map_at_once(call, range(20), at_once=4))) == 20


def test_an_error_is_raised_where_the_value_is_taken():
    with pytest.raises(ZeroDivisionError):
        list(map_at_once(lambda each: 1 // each, [1, 0, 1], at_once=2))
