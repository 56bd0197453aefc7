"""Ports for servers that tests start, and start again."""

import random
import socket

_PORTS = range(20_000, 32_768)
"""Below what systems lend to outgoing connections: nobody takes the port while its server is being started again."""


def free_port() -> int:
    """Return a port of this machine on which nothing listens, rarely the same twice."""
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("no port is free")
