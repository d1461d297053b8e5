"""The table of kubeconfigs that kubectl and we are given, and must treat alike.

In files, flags and environments `{url}`, `{port}`, `{certs}`, `{dir}` stand for the fake server
and the folder that the files are in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

PLUGIN = "client.authentication.k8s.io"


def config(*, user=None, cluster=None, context=None, current="a", **more):
    """A kubeconfig with one context `a` of cluster `c` and user `u`."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u", **(context or {})}}],
        "clusters": [
            {
                "name": "c",
                "cluster": {
                    "server": "{url}",
                    "certificate-authority": "{certs}/ca.crt",
                    **(cluster or {}),
                },
            }
        ],
        "users": [{"name": "u", "user": {"token": "t"} if user is None else user}],
        **more,
    }
    return json.dumps(document)


def credential(version="v1", **status):
    return json.dumps(
        {"apiVersion": f"{PLUGIN}/{version}", "kind": "ExecCredential", "status": status}
    )


def plugin(script, version="v1", **more):
    """A user whose credential plugin is a shell script."""
    mode = {"interactiveMode": "Never"} if version == "v1" else {}
    return {
        "exec": {
            "apiVersion": f"{PLUGIN}/{version}",
            "command": "sh",
            "args": ["-c", script],
            **mode,
            **more,
        }
    }


def echo(text):
    return f"printf '%s' '{text}'"


@dataclass(frozen=True)
class Case:
    """Files by name, flags, environment; `until` cuts both error lines where Go's words begin."""

    files: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ("--kubeconfig={dir}/k",)
    environ: dict[str, str] = field(default_factory=dict)
    tls: bool = True
    until: str = ""


def one(text, *flags, **more):
    return Case({"k": text}, ("--kubeconfig={dir}/k", *flags), **more)


def listed(*texts, flags=(), **more):
    """Several files in KUBECONFIG."""
    names = [f"k{number}" for number in range(len(texts))]
    return Case(
        dict(zip(names, texts, strict=True)),
        flags,
        {"KUBECONFIG": ":".join(f"{{dir}}/{name}" for name in names)},
        **more,
    )


YAML = """
apiVersion: v1
kind: Config
current-context: a
contexts:
- name: a
  context: {cluster: c, user: u, namespace: 2020-01-01}
clusters:
- name: c
  cluster:
    server: "{url}"
    certificate-authority: certs/ca.crt
users:
- name: u
  user: {token: from-yaml}
unknown-field: 7
"""

SUCCEEDS: dict[str, Case] = {
    "a token": one(config(user={"token": "t"})),
    "yaml, a relative path, a date as a name": one(YAML),
    "a tokenFile, its newline not sent": Case(
        {"k": config(user={"tokenFile": "tok"}), "tok": "from-file\n"}
    ),
    "a tokenFile beats a token": Case(
        {"k": config(user={"tokenFile": "tok", "token": "t"}), "tok": "from-file\n"}
    ),
    "an empty tokenFile leaves the token beside it": Case(
        {"k": config(user={"tokenFile": "tok", "token": "t"}), "tok": "\n"}
    ),
    "an empty tokenFile leaves --token": Case(
        {"k": config(user={"tokenFile": "tok"}), "tok": ""},
        ("--kubeconfig={dir}/k", "--token=flag"),
    ),
    "a tokenFile beats --token": Case(
        {"k": config(user={"tokenFile": "tok"}), "tok": "from-file"},
        ("--kubeconfig={dir}/k", "--token=flag"),
    ),
    "--token beats a token": one(config(), "--token=flag"),
    "basic": one(config(user={"username": "me", "password": "pässword"})),
    "--username and --password": one(config(user={}), "--username=me", "--password=x"),
    "a user name alone": one(config(user={"username": "me"})),
    "a certificate": one(
        config(
            user={
                "client-certificate": "{certs}/alice.crt",
                "client-key": "{certs}/alice.key",
            }
        )
    ),
    "certificate and authority as data": one(
        config(
            user={
                "client-certificate-data": "{b64:alice.crt}",
                "client-key-data": "{b64:alice.key}",
            },
            cluster={"certificate-authority": "", "certificate-authority-data": "{b64:ca.crt}"},
        )
    ),
    "certificate and token": one(
        config(
            user={
                "client-certificate": "{certs}/alice.crt",
                "client-key": "{certs}/alice.key",
                "token": "t",
            }
        )
    ),
    "--client-certificate and --client-key": one(
        config(),
        "--client-certificate={certs}/bob.crt",
        "--client-key={certs}/bob.key",
    ),
    "as": one(config(user={"token": "t", "as": "system:admin"})),
    "as with groups, uid and extra": one(
        config(
            user={
                "token": "t",
                "as": "ä b",
                "as-uid": "7",
                "as-groups": ["g1", "g2"],
                "as-user-extra": {"Example.org/Scopes": ["a", "b"], "x": ["y"]},
            }
        )
    ),
    "--as and --as-group replace": one(
        config(user={"token": "t", "as": "one", "as-groups": ["g1"]}),
        "--as=two",
        "--as-uid=9",
        "--as-group=h1",
        "--as-group=h2",
    ),
    "--as keeps the kubeconfig's groups": one(
        config(user={"token": "t", "as": "one", "as-groups": ["g1"]}), "--as=two"
    ),
    "http sends no token": one(config(), tls=False),
    "http sends impersonation": one(config(user={"token": "t", "as": "x"}), tls=False),
    "http runs no plugin": one(config(user=plugin("exit 1")), tls=False),
    "http needs no user": one(config(user={}), tls=False),
    "a server without a scheme is http": one(
        config(cluster={"server": "127.0.0.1:{port}"}), tls=False
    ),
    "--server": one(config(cluster={"server": "https://127.0.0.1:1"}), "--server={url}"),
    "-s drops the kubeconfig's tls-server-name": one(
        config(cluster={"tls-server-name": "other.example.org"}), "--server={url}"
    ),
    "tls-server-name": one(config(cluster={"tls-server-name": "api.example.org"})),
    "--tls-server-name": one(
        config(cluster={"tls-server-name": "other.example.org"}),
        "--tls-server-name=api.example.org",
    ),
    "insecure": one(
        config(cluster={"certificate-authority": "", "insecure-skip-tls-verify": True})
    ),
    "--insecure-skip-tls-verify drops the authority": one(
        config(cluster={"certificate-authority": "{certs}/other-ca.crt"}),
        "--insecure-skip-tls-verify=true",
    ),
    "--insecure-skip-tls-verify=false does not undo": one(
        config(cluster={"certificate-authority": "", "insecure-skip-tls-verify": True}),
        "--insecure-skip-tls-verify=false",
    ),
    "--certificate-authority": one(
        config(cluster={"certificate-authority": "{certs}/other-ca.crt"}),
        "--certificate-authority={certs}/ca.crt",
    ),
    "the server's own certificate as authority": one(
        config(cluster={"certificate-authority": "{certs}/server.crt"})
    ),
    "no current context uses nothing of the file": one(
        config(current=""), "--server={url}", "--insecure-skip-tls-verify=true", "--token=t"
    ),
    "--user without its context's user": one(
        config(users=[{"name": "v", "user": {"token": "v"}}]), "--user=v"
    ),
    "--cluster": one(
        config(
            clusters=[
                {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}},
                {
                    "name": "d",
                    "cluster": {"server": "{url}", "insecure-skip-tls-verify": True},
                },
            ]
        ),
        "--cluster=d",
    ),
    "--context": one(
        config(
            contexts=[
                {"name": "a", "context": {"cluster": "nowhere", "user": "u"}},
                {"name": "b", "context": {"cluster": "c", "user": "u"}},
            ]
        ),
        "--context=b",
    ),
    "the first current-context wins": listed(
        config(current="a"),
        config(
            current="b",
            contexts=[{"name": "b", "context": {"cluster": "x", "user": "x"}}],
        ),
    ),
    "a later current-context counts where the first has none": listed(
        config(current=""), config(current="a", contexts=[], clusters=[], users=[])
    ),
    "the first user of a name wins whole": listed(
        config(user={"token": "first"}), config(user={"token": "second", "as": "second"})
    ),
    "the first cluster of a name wins whole": listed(
        config(), config(cluster={"server": "https://127.0.0.1:1", "tls-server-name": "x"})
    ),
    "parts from three files": listed(
        config(contexts=[], clusters=[], user={"token": "third"}),
        config(contexts=[], users=[], current=""),
        config(clusters=[], users=[], current=""),
    ),
    "a missing file of the list is skipped": Case(
        {"k": config()}, (), {"KUBECONFIG": "{dir}/missing::{dir}/k:{dir}/k"}
    ),
    "an empty file of the list": listed("", config()),
    "--kubeconfig beats KUBECONFIG": Case(
        {"k": config(user={"token": "explicit"}), "other": config(user={"token": "listed"})},
        environ={"KUBECONFIG": "{dir}/other"},
    ),
    "home's kubeconfig": Case({".kube/config": config(user={"token": "home"})}, ()),
    "KUBERNETES_MASTER": Case({}, (), {"KUBERNETES_MASTER": "{url}"}, tls=False),
    "a plugin's token": one(config(user=plugin(echo(credential(token="p"))))),
    "a v1beta1 plugin": one(
        config(user=plugin(echo(credential("v1beta1", token="p")), version="v1beta1"))
    ),
    "a plugin's environment": one(
        config(
            user=plugin(
                echo(credential(token="TOKEN")) + ' | sed "s/TOKEN/$WHO/"',
                env=[{"name": "WHO", "value": "from-env"}],
            )
        )
    ),
    "a plugin's certificate": Case(
        {
            "k": config(user=plugin("cat {dir}/credential")),
            "credential": credential(
                clientCertificateData="{pem:alice.crt}", clientKeyData="{pem:alice.key}"
            ),
        }
    ),
    "a relative plugin command": Case(
        {
            "k": config(
                user={
                    "exec": {
                        "apiVersion": PLUGIN + "/v1beta1",
                        "command": "./bin/plug",
                        "args": None,
                    }
                }
            ),
            "bin/plug": "#!/bin/sh\n" + echo(credential("v1beta1", token="rel")),
        }
    ),
    "--token runs no plugin": one(config(user=plugin("exit 1")), "--token=flag"),
}

PREFIXES = ["/k8s/clusters/c-1", "/k8s/", "/k8s?a=b", "", "/"]

UNREACHABLE_CLUSTER = {"server": "https://127.0.0.1:1"}
FAILS: dict[str, Case] = {
    "no such kubeconfig": Case(flags=("--kubeconfig={dir}/nope",)),
    "a directory": Case({"d/x": ""}, ("--kubeconfig={dir}/d",)),
    "broken yaml": one("a: b: c", until="yaml:"),
    "broken yaml in the list": listed(config(), "a: b: c", until="yaml:"),
    "another kind": one('{"apiVersion": "v1", "kind": "Pod"}', until="in scheme"),
    "a list": one("[]"),
    "a name twice": one(
        config(clusters=[{"name": "c", "cluster": {}}, {"name": "c", "cluster": {}}]),
        until=" in list",
    ),
    "a token that is a number": one(config(user={"token": 7})),
    "a token that is a list": one(config(user={"token": ["a"]})),
    "a server that is an object": one(config(cluster={"server": {}})),
    "a flag that is text": one(config(cluster={"insecure-skip-tls-verify": "yes"})),
    "current-context that is an object": one(config(current={"a": 1})),
    "a name that is a number": one(config(clusters=[{"name": 7, "cluster": {}}])),
    "a context that is text": one(config(contexts=[{"name": "a", "context": "x"}])),
    "contexts that are an object": one(config(contexts={"a": {}})),
    "an entry that is text": one(config(users=["u"])),
    "groups that are text": one(config(user={"token": "t", "as": "x", "as-groups": "g"})),
    "groups that are numbers": one(config(user={"token": "t", "as": "x", "as-groups": [7]})),
    "extra that is a list": one(config(user={"token": "t", "as": "x", "as-user-extra": ["a"]})),
    "extra of text": one(config(user={"token": "t", "as": "x", "as-user-extra": {"a": "b"}})),
    "a plugin that is text": one(config(user={"exec": "aws"})),
    "a command that is a list": one(config(user={"exec": {"command": ["aws"]}})),
    "args that are text": one(config(user={"exec": {"command": "aws", "args": "x"}})),
    "args that are numbers": one(config(user={"exec": {"command": "aws", "args": [1]}})),
    "variables that are an object": one(config(user={"exec": {"command": "aws", "env": {}}})),
    "variables that are text": one(config(user={"exec": {"command": "aws", "env": ["A=B"]}})),
    "a variable that is a number": one(
        config(user={"exec": {"command": "aws", "env": [{"name": "A", "value": 1}]}})
    ),
    "a provider that is text": one(config(user={"auth-provider": "oidc"})),
    "a provider's number": one(
        config(user={"auth-provider": {"name": "oidc", "config": {"client-id": 7}}})
    ),
    "extensions that are an object": one(config(cluster={"extensions": {}})),
    "a proxy that is a list": one(config(cluster={"proxy-url": []})),
    "broken base64": one(config(user={"client-certificate-data": "%%"})),
    "no such context": one(config(), "--context=nope"),
    "no such cluster": one(config(), "--cluster=nope"),
    "no such user": one(config(), "--user=nope"),
    "the current context is missing": one(config(current="zzz")),
    "no configuration at all": Case({}, (), tls=False),
    "only missing files": Case({}, (), {"KUBECONFIG": "{dir}/nope"}, tls=False),
    "the context's cluster is missing": one(config(context={"cluster": "zip"})),
    "refused": one(config(cluster=UNREACHABLE_CLUSTER)),
    "refused, IPv6": one(config(cluster={"server": "https://[::1]:1"})),
    "no such host": one(config(cluster={"server": "https://nosuch.invalid:6443"})),
    "no scheme but a path": one(config(cluster={"server": "127.0.0.1:1/x"})),
    "another scheme": one(config(cluster={"server": "ftp://127.0.0.1:1"})),
    "unknown authority": one(config(cluster={"certificate-authority": "{certs}/other-ca.crt"})),
    "another name in the certificate": one(
        config(cluster={"tls-server-name": "other.example.org"}), until="x509: certificate is"
    ),
    "http where https is asked": one(
        config(cluster={"server": "https://127.0.0.1:{port}"}), tls=False, until="server: "
    ),
    "no authority file": one(config(cluster={"certificate-authority": "nofile"})),
    "authority twice": one(config(cluster={"certificate-authority-data": "eA=="})),
    "authority and insecure": one(config(cluster={"insecure-skip-tls-verify": True})),
    "authority that is no certificate": one(
        config(cluster={"certificate-authority": "", "certificate-authority-data": "eA=="}),
        until="root certificates",
    ),
    "certificate without key": one(config(user={"client-certificate": "{certs}/alice.crt"})),
    "no certificate, no key": one(config(user={"client-certificate": "x", "client-key": "y"})),
    "certificate data that is none": one(
        config(user={"client-certificate-data": "eA==", "client-key-data": "eA=="})
    ),
    "another user's key": one(
        config(
            user={
                "client-certificate-data": "{b64:alice.crt}",
                "client-key-data": "{b64:bob.key}",
            }
        )
    ),
    "no token file": one(config(user={"tokenFile": "nofile"})),
    "token and password": one(config(user={"token": "t", "username": "u"})),
    "groups without a user": one(config(user={"token": "t", "as-groups": ["g"]})),
    "--as-uid without a user": one(config(), "--as-uid=7"),
    "a proxy of another kind": one(config(cluster={"proxy-url": "ftp://x"})),
    "an invalid timeout": one(config(), "--request-timeout=5x"),
    "a plugin that is not installed": one(
        config(user={"exec": {"apiVersion": PLUGIN + "/v1beta1", "command": "no-such-plugin"}})
    ),
    "a plugin that is not installed, with a hint": one(
        config(
            user={
                "exec": {
                    "apiVersion": PLUGIN + "/v1beta1",
                    "command": "no-such-plugin",
                    "installHint": "brew install \x1b[1mit",
                }
            }
        )
    ),
    "a plugin's path that is not there": one(
        config(user={"exec": {"apiVersion": PLUGIN + "/v1beta1", "command": "./nope"}})
    ),
    "a plugin fails": one(config(user=plugin("exit 3"))),
    "a plugin prints no object": one(config(user=plugin("echo nope")), until="parse error"),
    "a plugin prints an empty object": one(config(user=plugin("echo '{}'"))),
    "a plugin prints a number as token": one(
        config(user=plugin(echo(credential(token=7)))), until="decoding stdout"
    ),
    "a plugin without status": one(
        config(
            user=plugin(echo(json.dumps({"apiVersion": PLUGIN + "/v1", "kind": "ExecCredential"})))
        )
    ),
    "a plugin with an empty status": one(config(user=plugin(echo(credential())))),
    "a plugin with half a pair": one(config(user=plugin(echo(credential(clientKeyData="x"))))),
    "a plugin of another version": one(config(user=plugin(echo(credential("v1beta1", token="x"))))),
    "a plugin version that is gone": one(config(user=plugin("true", version="v1alpha1"))),
    "a plugin without interactiveMode": one(
        config(user={"exec": {"apiVersion": PLUGIN + "/v1", "command": "x"}})
    ),
    "a plugin with another interactiveMode": one(
        config(user=plugin("true", interactiveMode="Foo"))
    ),
    "a plugin that needs a terminal": one(config(user=plugin("true", interactiveMode="Always"))),
    "a plugin without anything": one(config(user={"exec": {"args": ["x"]}})),
    "a plugin with a nameless variable": one(config(user=plugin("true", env=[{"value": "x"}]))),
    "gcp": one(config(user={"auth-provider": {"name": "gcp"}})),
    "azure": one(config(user={"auth-provider": {"name": "azure"}})),
    "another provider": one(config(user={"auth-provider": {"name": "zork"}})),
    "oidc without an issuer": one(config(user={"auth-provider": {"name": "oidc"}})),
    "oidc without tokens": one(
        config(
            user={
                "auth-provider": {
                    "name": "oidc",
                    "config": {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x"},
                }
            }
        )
    ),
    "provider and plugin": one(config(user={**plugin("true"), "auth-provider": {"name": "oidc"}})),
}
