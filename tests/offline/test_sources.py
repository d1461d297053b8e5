"""Directories that are the input of another program get the command that makes manifests."""

from __future__ import annotations

import errno
import os

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
    (tmp_path / "d.yaml").symlink_to(".")
    os.mkfifo(tmp_path / "e.yaml")
    assert [data for _, data in read_sources([str(tmp_path)], bytes)] == [b"a.json", b"b.yaml"]


def cannot_read(_):
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("", 'the path "" does not exist', id="not even a name"),
        pytest.param("-", "open -: bad file descriptor", id="an input that is an output"),
        pytest.param(
            ".", 'the path "b.yaml" does not exist', id="a link to nowhere in a directory"
        ),
    ],
)
def test_what_cannot_be_read_is_not_left_out(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.yaml").symlink_to("nowhere")
    with pytest.raises(BadInput) as caught:
        list(read_sources([path], cannot_read))
    assert caught.value.message == message


def test_a_device_has_no_end_that_is_waited_for(monkeypatch):
    monkeypatch.setattr(documents, "_LARGEST_INPUT", 1 << 20)
    for paths in (["/dev/zero"], ["-"]):
        with pytest.raises(BadInput, match="has more than 1 MiB"):
            list(read_sources(paths, bytes))
