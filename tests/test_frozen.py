"""Values of the house behave as those of the standard library's frozen dataclasses."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from kubectl_hosts import frozen

PACKAGE = Path(frozen.__file__).parent


def classes_of(dataclass):
    """The kinds of class that the house has, made by DATACLASS."""

    @dataclass(frozen=True, slots=True)
    class Positional:
        """Fields by place."""

        first: str
        second: int = 2
        aside: str = dataclasses.field(default="", compare=False, repr=False)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Base:
        """Fields by name, and what all of the kind have."""

        kinds: ClassVar[int] = 1
        name: str
        held: dict[str, str] = dataclasses.field(default_factory=dict)

        @property
        def words(self):
            """A property."""
            return f"{self.name} {self.kinds}"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Child(Base):
        """A required field after one with a default, and a default of its own for an old one."""

        kinds = 3
        number: int
        name: str = "child"

    @dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing."""

        def __str__(self):
            return "nothing"

    return Positional, Base, Child, Empty


@pytest.fixture(params=[frozen.dataclass, dataclasses.dataclass], ids=["ours", "the library's"])
def classes(request):
    return classes_of(request.param)


def test_a_value_is_its_class_and_its_fields(classes):
    positional, base, child, empty = classes
    value = positional("a", aside="not compared")
    assert value == positional("a", 2)
    assert hash(value) == hash(positional(first="a"))
    assert value != positional("a", 3)
    assert value != ("a", 2)
    assert base(name="child") != child(number=1)
    assert {empty(): 1} == {empty(): 1}
    assert {"x": child(number=1)} == {"x": child(name="child", number=1)}
    with pytest.raises(TypeError, match="unhashable"):
        hash(base(name="a"))


def test_a_value_says_what_it_holds(classes):
    positional, base, child, empty = classes
    inside = re.sub(r"\w+\.<locals>\.", "", repr((positional("a"), base(name="b"), empty())))
    assert inside == "(Positional(first='a', second=2), Base(name='b', held={}), Empty())"
    assert str(empty()) == "nothing"
    assert base(name="b").words == "b 1"
    assert repr(child(number=1)).endswith("Child(name='child', held={}, number=1)")
    assert child(number=1).words == "child 3"


def test_a_value_does_not_change(classes):
    positional, *_, empty = classes
    value = positional("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'first'"):
        value.first = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.first
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        empty().other = 1
    assert not hasattr(value, "__dict__")


def test_what_is_made_for_one_value_is_not_shared(classes):
    _, base, *_ = classes
    assert base(name="a").held is not base(name="a").held


def test_wrong_arguments_are_told_in_pythons_words(classes):
    positional, base, *_ = classes
    with pytest.raises(TypeError, match=r"Positional.__init__\(\) missing 1 required positional"):
        positional()
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'other'"):
        base(name="a", other=1)
    with pytest.raises(TypeError, match=r"positional arguments? but"):
        base("a")


def test_the_library_knows_the_fields(classes):
    positional, _, child, _ = classes
    assert [each.name for each in dataclasses.fields(child)] == ["name", "held", "number"]
    assert dataclasses.replace(positional("a", 5), first="b") == positional("b", 5)
    assert dataclasses.replace(child(number=1), number=2) == child(number=2)
    assert dataclasses.is_dataclass(positional)


def test_a_pattern_takes_a_value_apart(classes):
    positional, _, child, _ = classes
    match positional("a", 7):
        case positional(first, second):
            assert (first, second) == ("a", 7)
    assert (positional.__match_args__, child.__match_args__) == (("first", "second", "aside"), ())


def test_first_values_on_many_threads_are_all_whole():
    for _ in range(50):
        positional, *_, child, _ = classes_of(frozen.dataclass)
        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda _, make=positional: make("a"), range(16)))
            named = list(pool.map(lambda each, make=child: make(number=each), range(16)))
        assert (len(made), [each.number for each in named]) == (1, list(range(16)))


def test_the_library_makes_no_frozen_class_with_slots_of_the_house():
    """What this room is for; one `from dataclasses import dataclass` would bring it back."""
    counts = (
        "import dataclasses, importlib, sys\n"
        "made, whole = [], dataclasses._process_class\n"
        "def count(cls, *options, **named):\n"
        "    made.append(cls.__qualname__) if cls.__module__.startswith('kubectl_hosts') else 0\n"
        "    return whole(cls, *options, **named)\n"
        "dataclasses._process_class = count\n"
        "for each in sys.argv[1:]: importlib.import_module(each)\n"
        "print(sorted(made))\n"
    )
    modules = [
        ".".join(("kubectl_hosts", *each.relative_to(PACKAGE).with_suffix("").parts))
        for each in PACKAGE.rglob("*.py")
        if each.name != "__main__.py"
    ]
    done = subprocess.run(
        [sys.executable, "-c", counts, *modules], capture_output=True, text=True, check=True
    )
    # A cached property needs a dictionary; two parsers fill theirs as they read.
    assert done.stdout.strip() == "['Case', '_Level', '_Open']"
