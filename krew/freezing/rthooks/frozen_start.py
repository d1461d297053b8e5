"""What an archive's program puts right before anything else runs (PyInstaller's runtime hook).

It runs on another machine than the one it was built on, and it starts other programs.
"""

import os
import sys

# The bootloader points LD_LIBRARY_PATH at the archive's own libraries and keeps the user's value
# beside it (PyInstaller manual, "LD_LIBRARY_PATH / LIBPATH considerations"): kubectl and credential
# plugins that we start must load their own.
_SAVED = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _SAVED is not None:
    os.environ["LD_LIBRARY_PATH"] = _SAVED
elif getattr(sys, "frozen", False):
    os.environ.pop("LD_LIBRARY_PATH", None)

# OpenSSL looks for root certificates where the building machine keeps them. Where kubectl finds
# them: Go's crypto/x509 root_linux.go certFiles, root_bsd.go for the last.
_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
if os.name == "posix" and not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
    _FOUND = next((each for each in _CERTIFICATES if os.path.exists(each)), None)  # noqa: PTH110
    if _FOUND:
        os.environ["SSL_CERT_FILE"] = _FOUND
