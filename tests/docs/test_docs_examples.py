"""The example for k9s does what it says, its variables filled in as k9s fills them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml

from tests.docs.sessions import ROOT

PLUGINS = yaml.safe_load((ROOT / "examples" / "k9s-plugin.yaml").read_text())["plugins"]
# k9s internal/view/env.go: names in any case, what is unknown is left as it stands.
ENVIRONMENT = {"NAME": "web-0", "NAMESPACE": "shop", "CONTEXT": "a; b", "RESOURCE_NAME": "pods"}
VARIABLE = re.compile(r"\$!?([\w\-]+)|\$\{!?([\w\-%/: ]+)\}")
KUBECTL = """#!/bin/sh
printf '<%s>' "$@" >>"$CALLS"
echo >>"$CALLS"
"""

needs_bash = pytest.mark.skipif(
    not (shutil.which("bash") and os.name == "posix"), reason="the example is a bash script"
)


def filled_in(argument: str) -> str:
    def value(found: re.Match[str]) -> str:
        return ENVIRONMENT.get((found[1] or found[2]).upper(), found[0])

    return VARIABLE.sub(value, argument)


@needs_bash
@pytest.mark.parametrize(
    ("plugin", "calls"),
    [
        pytest.param(
            "hosts-explain",
            [
                "<hosts><show><web-0><--context><a; b><-n><shop><--color><always>",
                (
                    "<hosts><explain><--context><a; b><-n><shop><--from><web-0><--color><always>"
                    "<--><redis; x>"
                ),
            ],
            id="the hosts file, then the names that are typed",
        ),
        pytest.param(
            "hosts-workload",
            ["<hosts><show><pods/web-0><--all-pods><--context><a; b><-n><shop><--color><always>"],
            id="all pods of a workload",
        ),
        pytest.param(
            "hosts-diff",
            ["<hosts><diff><web-0><--context><a; b><-n><shop><--color><always>"],
            id="the difference",
        ),
    ],
)
def test_k9s(plugin, calls, tmp_path):
    for name, text in (("kubectl", KUBECTL), ("less", "#!/bin/sh\ncat >/dev/null\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    record = tmp_path / "calls"
    argv = [PLUGINS[plugin]["command"], *map(filled_in, PLUGINS[plugin]["args"])]
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CALLS": str(record)}
    subprocess.run(argv, input="redis; x\n\n", text=True, env=env, check=True, timeout=30)
    assert record.read_text().splitlines() == calls
