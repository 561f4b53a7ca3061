"""A process that serves a case: on loopback, or where TLS or a proxy in front of it protects the keys."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass

from consilience.case import Case
from consilience.model.errors import InputError
from consilience.server.app import application

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to serve, and what protects it there."""

    host: str = "127.0.0.1"
    port: int = 8061
    behind_proxy: bool = False
    certificate: str = ""
    key: str = ""

    def check(self) -> None:
        """Raise InputError for an address at which keys would go over a network in the clear."""
        if bool(self.certificate) != bool(self.key):
            raise InputError("a certificate needs its key", "serve", "give --tls-cert and --tls-key")
        if self.host not in LOOPBACK and not (self.behind_proxy or self.certificate):
            raise InputError(
                f"{self.host} can be reached from other machines",
                "serve",
                "give --tls-cert and --tls-key, or --behind-proxy when a proxy in front of it has them",
            )

    @property
    def hosts(self) -> frozenset[str]:
        """The names to answer to: only our own on loopback, so that no web page can reach it under another."""
        return frozenset(LOOPBACK) if self.host in LOOPBACK and not self.behind_proxy else frozenset()


def serve(case: Case, address: Address) -> None:
    """Serve a case until the process is stopped."""
    import uvicorn

    address.check()
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("consilience.server")
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    uvicorn.run(
        application(case, address.hosts),
        host=address.host,
        port=address.port,
        ssl_certfile=address.certificate or None,
        ssl_keyfile=address.key or None,
        # The lines of the server's own are the only ones: these would hold what was asked for.
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        lifespan="off",
    )
