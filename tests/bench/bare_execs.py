"""The floor of a fleet: one list, then the same execs on 32 threads, and nothing else.

python -m tests.bench.bare_execs NAMESPACE ARGV...
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import websocket

THREADS = 32


def connection() -> tuple[str, ssl.SSLContext, dict[str, str]]:
    """Server, TLS context and headers of the current context."""
    view = ["kubectl", "config", "view", "--raw", "--flatten", "--minify", "-o", "json"]
    shown = json.loads(subprocess.run(view, capture_output=True, check=True).stdout)
    cluster, user = shown["clusters"][0]["cluster"], shown["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    if "client-certificate-data" in user:
        with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
            keys = (user["client-certificate-data"], user["client-key-data"])
            Path(pem.name).write_bytes(b"".join(base64.b64decode(key) for key in keys))
            context.load_cert_chain(pem.name)
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    return cluster["server"], context, headers


def main(namespace: str, *argv: str) -> None:
    """Run ARGV in every pod of NAMESPACE; exit 1 unless each wrote something."""
    server, context, headers = connection()
    path = f"{server}/api/v1/namespaces/{namespace}/pods"
    with urllib.request.urlopen(
        urllib.request.Request(path, headers=headers), context=context
    ) as r:
        names = [item["metadata"]["name"] for item in json.load(r)["items"]]
    query = urlencode([*(("command", word) for word in argv), ("stdout", "1"), ("stderr", "1")])

    def run(name: str) -> int:
        stream = websocket.create_connection(
            f"{path.replace('https', 'wss', 1)}/{name}/exec?{query}",
            subprotocols=["v4.channel.k8s.io"],
            sslopt={"context": context},
            header=headers,
            enable_multithread=False,
        )
        received = 0
        while frame := stream.recv():
            received += len(frame)
            if frame[:1] == b"\x03":
                break
        stream.shutdown()
        return received

    with ThreadPoolExecutor(THREADS) as threads:
        sys.exit(0 if all(size > 100 for size in threads.map(run, names)) else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
