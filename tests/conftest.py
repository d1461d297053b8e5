"""What every test may use: golden files, updated by one flag."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"
END_TO_END = Path(__file__).parent / "e2e"
NO_CLUSTER = "/nonexistent/kubeconfig"
GIVEN = os.environ.get("KUBECONFIG", "")

# What a property is tried on is the same in every run, and no clock decides: a red run is a change's
# doing. `pytest --hypothesis-profile default` draws anew; `make fuzz` looks for what nobody thought of.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_configure() -> None:
    """Programs that the tests start obey SIGINT, also where a shell runs the suite behind `&`.

    POSIX sh: a background command of a script ignores SIGINT, and so does all that it starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only tests/e2e may reach the cluster that KUBECONFIG names, if it names one."""
    os.environ["KUBECONFIG"] = GIVEN if END_TO_END in item.path.parents else NO_CLUSTER


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden`: write tests/golden/ anew; read the diff before you commit it."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the tests see to tests/golden/ instead of comparing",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """`assert text == golden("show/default-pod.txt", text)`: the expected text of that file.

    With --update-golden TEXT becomes the file's content first.
    """

    def expected(name: str, text: str) -> str:
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        return file.read_bytes().decode()

    return expected
