"""Variables in texts: what is filled in, and what is quoted of the text as written."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.check.mentions import expand, expand_everywhere

VARIABLES = {"HOST": "redis", "PORT": "6379", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("$(HOST):$(PORT)", "redis:6379", id="references"),
        pytest.param("$$(HOST)", "$(HOST)", id="an escape"),
        pytest.param("$(NOT_THERE)", "$(NOT_THERE)", id="a variable that is not there"),
        pytest.param("${HOST}", "${HOST}", id="a shell's reference"),
        pytest.param("$(HOST", "$(HOST", id="no end"),
        pytest.param("$$$(HOST)", "$redis", id="an escape and a reference"),
    ],
)
def test_what_the_kubelet_fills_in(text, expected):
    assert expand(text, VARIABLES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("http://${HOST}:$PORT/", "http://redis:6379/", id="a shell's references"),
        pytest.param("$(HOST) ${HOST}", "redis redis", id="both"),
        pytest.param("${NOPE:-db}", "db", id="a default"),
        pytest.param("${HOST:-db}", "redis", id="a default that is not needed"),
        pytest.param("$(hostname)-${NOPE}", "$(hostname)-${NOPE}", id="a command, an unset one"),
    ],
)
def test_what_a_shell_fills_in(text, expected):
    assert expand_everywhere(text, VARIABLES).text == expected


@pytest.mark.parametrize(
    ("text", "part", "written"),
    [
        pytest.param(
            "http://${HOST}:80/x", "http://redis:80/x", "http://${HOST}:80/x", id="around"
        ),
        pytest.param("a $(HOST) b", "redis", "$(HOST)", id="the reference alone"),
        pytest.param("$(HOST)$(PORT) z", "dis6379", "$(HOST)$(PORT)", id="from within one"),
        pytest.param("$(EMPTY)x y", "y", "y", id="behind nothing"),
        pytest.param("plain db", "db", "db", id="no reference"),
    ],
)
def test_a_part_is_quoted_as_written(text, part, written):
    expanded = expand_everywhere(text, VARIABLES)
    start = expanded.text.index(part)
    assert expanded.as_written(start, start + len(part)) == written
