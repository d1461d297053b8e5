"""TLS as Go's crypto/tls does it with a kubeconfig: trust, client certificates, server names."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json

# VERIFY_X509_PARTIAL_CHAIN, in ssl from 3.10: Go trusts any certificate of the pool, root or not.
_TRUST = ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST

# A device in place of a file has no end.
_LARGEST_FILE = 1 << 24


def make_context(cluster: Json, certificate: tuple[bytes, bytes] | None) -> ssl.SSLContext:
    """A context for a kubeconfig cluster entry and a client certificate with its key (PEM).

    Raises HostsError where a certificate cannot be read.
    """
    authority = _authority(cluster)
    insecure = bool(cluster.get("insecure-skip-tls-verify"))
    if insecure and authority:
        raise HostsError(
            "specifying a root certificates file with the insecure flag is not allowed",
            hint="Remove insecure-skip-tls-verify or the certificate authority from the cluster.",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Plain verify flags: Python 3.13's default adds VERIFY_X509_STRICT, which refuses the
    # authorities that kubeadm and others made for years, and Go does not.
    context.verify_flags = _TRUST
    context.hostname_checks_common_name = False
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, authority)
    if certificate:
        load_client_certificate(context, *certificate)
    return context


def _trust(context: ssl.SSLContext, authority: bytes) -> None:
    if not authority:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(cadata=authority.decode("latin-1"))
    except (ssl.SSLError, ValueError) as error:
        raise HostsError(
            "unable to load root certificates: unable to parse bytes as PEM block",
            hint="certificate-authority(-data) of the kubeconfig's cluster holds PEM.",
        ) from error


def _authority(cluster: Json) -> bytes:
    data = cluster.get("certificate-authority-data")
    if isinstance(data, bytes) and data:
        return data
    return read_file(str(cluster.get("certificate-authority") or ""))


def read_file(path: str) -> bytes:
    """A file's bytes, b"" for no path. Raises HostsError as `open PATH: ...`."""
    if not path:
        return b""
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_FILE)
    except (OSError, ValueError) as error:
        strerror = error.strerror if isinstance(error, OSError) else ""
        reason = (strerror or str(error)).lower()
        raise HostsError(
            f"open {path}: {reason}", hint="The kubeconfig names this file."
        ) from error


def load_client_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Give CONTEXT a client certificate; the key never outlives the call in a file.

    `load_cert_chain` reads files only: an anonymous file in memory where the system has them
    (Linux), else a file with mode 0600 that is gone when this returns.
    """
    if b"-----BEGIN" not in certificate:
        raise _unusable("failed to find any PEM data in certificate input")
    if b"-----BEGIN" not in key:
        raise _unusable("failed to find any PEM data in key input")
    both = certificate.rstrip() + b"\n" + key
    try:
        if hasattr(os, "memfd_create"):
            _load_from_memory(context, both)
        else:
            _load_from_file(context, both)
    except ssl.SSLError as error:
        mismatch = "KEY_VALUES_MISMATCH" in str(error)
        raise _unusable(
            "private key does not match public key" if mismatch else "failed to parse private key"
        ) from error


def _unusable(why: str) -> HostsError:
    return HostsError(
        f"tls: {why}", hint="See client-certificate(-data) and client-key(-data) of the user."
    )


def _no_passphrase() -> str:
    """OpenSSL would ask on the terminal; Go refuses an encrypted key."""
    return ""


def _load_from_memory(context: ssl.SSLContext, pem: bytes) -> None:
    descriptor = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_no_passphrase)
    finally:
        os.close(descriptor)


def _load_from_file(context: ssl.SSLContext, pem: bytes) -> None:
    import tempfile  # noqa: PLC0415  only where there is no memory file

    descriptor, path = tempfile.mkstemp(prefix="kubectl-hosts-")
    try:
        os.write(descriptor, pem)
        os.close(descriptor)
        context.load_cert_chain(path, password=_no_passphrase)
    finally:
        os.unlink(path)
