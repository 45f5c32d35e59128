"""Connections to the public internet and to nowhere else.

Every connection is made here: the name is resolved, its addresses are checked, and a checked one is
connected to as a number. So neither a redirect nor a name that changes its address between a check
and a connection leads inside. The name stays what is asked for in ``Host`` and by TLS.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from services.ingest.core.addresses import Network, may_connect

MAX_ADDRESSES = 4
"""Of one name that are tried, one after the other."""

GROUPS = 16
KEPT_IN_GROUP = 4
KEPT_FOR_S = 15.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to addresses as numbers, the best first. Raises OSError."""


class UnresolvedError(Exception):
    """The name has no address."""


class ForbiddenAddressError(Exception):
    """The name leads only to addresses, or to a port, that may not be connected to."""


class Connections:
    """Connections over HTTP/1.1 and HTTP/2; no proxy, whatever the environment says.

    In groups of hosts, because httpcore looks at every connection of a pool once for each other one
    at each request: with 64 kept in one pool that took 12 ms.
    """

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        ssl_context = httpx.create_ssl_context()
        backend = GuardedBackend(allowed, resolve)
        self._groups = [
            httpcore.AsyncConnectionPool(
                ssl_context=ssl_context,
                max_connections=None,  # who asks is limited before
                max_keepalive_connections=KEPT_IN_GROUP,
                keepalive_expiry=KEPT_FOR_S,
                http2=True,
                network_backend=backend,
            )
            for _ in range(GROUPS)
        ]

    async def ask(self, request: httpcore.Request) -> httpcore.Response:
        """Return the answer as soon as its head is there. Its body is the caller's to close."""
        group = self._groups[hash(request.url.host) % GROUPS]
        return await group.handle_async_request(request)

    async def close(self) -> None:
        """Close all, also those in use."""
        for group in self._groups:
            await group.aclose()


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to allowed addresses only."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address of ``host`` that answers, each in a share of time.

        Raises UnresolvedError, ForbiddenAddressError, or what httpcore raises.
        """
        addresses = await self._allowed_addresses(host, port)
        share_s = timeout / len(addresses) if timeout else None
        while True:
            address = addresses.pop(0)
            try:
                return await self._sockets.connect_tcp(
                    address, port, share_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise

    async def _allowed_addresses(self, host: str, port: int) -> list[str]:
        try:
            found = [host] if _is_number(host) else await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise UnresolvedError(f"{host}: {error}") from error
        allowed = [address for address in found if may_connect(address, port, self._allowed)]
        if found and not allowed:
            where = host if host == found[0] else f"{host} ({found[0]})"
            raise ForbiddenAddressError(
                f"{where}, port {port}, is forbidden: only public addresses are asked, at the ports"
                " of the web. RASID_INGEST_ALLOW_ADDRESSES names exceptions."
            )
        if not found:
            raise UnresolvedError(f"{host}: no address")
        return allowed[:MAX_ADDRESSES]


async def resolve(name: str, port: int) -> list[str]:
    """Return the addresses that the system knows for ``name``. Raises OSError.

    In a thread of its own, which nobody waits for when it is no longer wanted: a name server that
    does not answer holds up neither other names nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: Exception | None) -> None:
        if found.done():
            return
        if error:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def look_up() -> None:
        addresses: list[str] = []
        failure: Exception | None = None
        try:
            infos = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as error:
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know
            loop.call_soon_threadsafe(settle, addresses, failure)

    threading.Thread(target=look_up, name=f"resolve {name}", daemon=True).start()
    return await found


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
