"""A way to a server that can be cut and mended, so that the server need not be stopped."""

import selectors
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

from tests.support import free_port


class Relay:
    """Passes connections to ``address`` on while it is not cut; cut, nobody listens."""

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        assert there.hostname is not None
        assert there.port is not None
        self._there = (there.hostname, there.port)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._stopped = threading.Event()
        self._thread = threading.Thread()

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *exception: object) -> None:
        self.cut()

    def mend(self) -> None:
        self._stopped.clear()
        listening = socket.create_server(("127.0.0.1", self._port))
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Return when every connection is closed."""
        self._stopped.set()
        self._thread.join()

    def _run(self, listening: socket.socket) -> None:
        others: dict[socket.socket, socket.socket] = {}
        with selectors.DefaultSelector() as selector, listening:
            selector.register(listening, selectors.EVENT_READ)
            while not self._stopped.is_set():
                for key, _ in selector.select(timeout=0.05):
                    if key.fileobj is listening:
                        near, _ = listening.accept()
                        far = socket.create_connection(self._there)
                        others |= {near: far, far: near}
                        selector.register(near, selectors.EVENT_READ)
                        selector.register(far, selectors.EVENT_READ)
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in others:
                        self._pass_on(key.fileobj, others, selector)
            for one in others:
                one.close()

    def _pass_on(
        self,
        near: socket.socket,
        others: dict[socket.socket, socket.socket],
        selector: selectors.BaseSelector,
    ) -> None:
        """Pass on what ``near`` has sent; close both ends when it has closed."""
        far = others[near]
        try:
            sent = near.recv(65_536)
            far.sendall(sent)
        except OSError:
            sent = b""
        if not sent:
            for one in (near, far):
                selector.unregister(one)
                del others[one]
                one.close()
