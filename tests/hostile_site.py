"""A server without manners: each path of it writes whatever it likes, for as long as it likes."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]

NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class HostileSite:
    """Serves ``behaviours`` by path from the loop that runs; what is not there is 404.

    ``asked`` counts the requests by path, ``hosts`` holds the Host headers.
    """

    def __init__(self, behaviours: Mapping[str, Behaviour], address: str = "127.0.0.1") -> None:
        self.asked: Counter[str] = Counter()
        self.hosts: list[str] = []
        self.port = 0
        self._behaviours = behaviours
        self._address = address
        self._connections: dict[asyncio.StreamWriter, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, self._address, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        for writer in self._connections:
            writer.close()
        await asyncio.gather(*self._connections.values())

    def url(self, path: str, host: str = "") -> str:
        return f"http://{host or self._address}:{self.port}{path}"

    @property
    def connections(self) -> int:
        """How many there were in all."""
        return len(self._connections)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = self._connections[writer] = asyncio.get_running_loop().create_future()
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split()[1]
                self.asked[path] += 1
                self.hosts += [line[6:] for line in head.splitlines() if line.startswith("Host: ")]
                if path not in self._behaviours:
                    writer.write(NO_ROBOTS)
                    await writer.drain()
                    continue
                await self._behaviours[path](writer)
                break
        writer.close()
        ended.set_result(None)


def answer(
    body: bytes = b"", status: str = "200 OK", **headers: str
) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """Answer in the proper way; the names of headers with ``_`` for ``-``."""
    fields = {"Content_Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)
        await writer.drain()

    return behave


def for_ever(head: bytes, piece: bytes, every_s: float = 0) -> Behaviour:
    """Write ``head`` and then ``piece`` again and again until nobody listens."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)

    return behave
