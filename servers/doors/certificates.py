"""Certificates for the TLS doors, from authorities that live as long as the server and that no other program trusts.

Importing this costs more than starting the server does: it is imported when the first TLS door is opened.
"""

from __future__ import annotations

import ssl

import trustme

LOOPBACK = ("127.0.0.1", "localhost")
ELSEWHERE = "elsewhere.invalid"


class Certificates:
    """Our authority, an untrusted one, and their certificates."""

    def __init__(self) -> None:
        self._ours = trustme.CA()
        self._certified = {
            "trusted": self._ours.issue_cert(*LOOPBACK),
            "untrusted": trustme.CA().issue_cert(*LOOPBACK),
            "misnamed": self._ours.issue_cert(ELSEWHERE),
        }

    @property
    def authority(self) -> str:
        """Return our authority's certificate, as PEM text, for a client that has to trust us."""
        return self._ours.cert_pem.bytes().decode("ascii")

    def present(self, context: ssl.SSLContext, which: str) -> None:
        """Give a server's context the certificate "trusted", "untrusted" or "misnamed"."""
        self._certified[which].configure_cert(context)

    def context(self, *protocols: str) -> ssl.SSLContext:
        """Return a server's context with the trusted certificate, for these protocols of ALPN."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.set_alpn_protocols(list(protocols))
        self.present(context, "trusted")
        return context
