"""Directories that are the input of another program get the command that makes manifests."""

from __future__ import annotations

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.offline import documents
from kubectl_hosts.offline.documents import read_sources


@pytest.mark.parametrize(
    ("mark", "message", "hint"),
    [
        pytest.param(
            "kustomization.yaml",
            "{} is a Kustomize directory: its files are not applied as they are",
            "kubectl kustomize {} | kubectl hosts show -f -",
            id="Kustomize",
        ),
        pytest.param(
            "Chart.yaml",
            "{} is a Helm chart: its files are not applied as they are",
            "helm template {} | kubectl hosts show -f -",
            id="Helm",
        ),
    ],
)
def test_a_directory_of_another_program_says_how_to_go_on(tmp_path, mark, message, hint):
    (tmp_path / mark).write_text("")
    (tmp_path / "web.yaml").write_text("a: 1")
    with pytest.raises(BadInput) as caught:
        list(read_sources([str(tmp_path)], bytes))
    assert (caught.value.message, caught.value.hint) == (
        message.format(tmp_path),
        hint.format(tmp_path),
    )


def test_a_directory_of_manifests_is_read_in_order(tmp_path):
    for name in ("b.yaml", "a.json", "c.txt"):
        (tmp_path / name).write_text(name)
    assert [data for _, data in read_sources([str(tmp_path)], bytes)] == [b"a.json", b"b.yaml"]


def test_a_device_has_no_end_that_is_waited_for(monkeypatch):
    monkeypatch.setattr(documents, "_LARGEST_INPUT", 1 << 20)
    for paths in (["/dev/zero"], ["-"]):
        with pytest.raises(BadInput, match="has more than 1 MiB"):
            list(read_sources(paths, bytes))
