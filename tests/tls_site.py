"""A site over TLS and HTTP/2 on localhost, and the authority that certifies it."""

import asyncio
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions

_CONFIG = """
[ca]
default_ca = test
[test]
database = {folder}/index.txt
unique_subject = no
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = policy
copy_extensions = copy
[policy]
commonName = supplied
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """Certifies names, with files in ``folder``; ``certificate`` is what to trust."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    @classmethod
    def new(cls, folder: Path) -> Self:
        folder.mkdir()
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "index.txt").touch()
        authority = cls(folder)
        authority._openssl("req", "-x509", *authority._new_key("ca"), "-out", "ca.pem")
        return authority

    def server(self, name: str, ends: str = "20491231000000Z") -> ssl.SSLContext:
        """Return what a server at ``name`` needs, its certificate valid from 2020 to ``ends``."""
        subject = ("-addext", f"subjectAltName=DNS:{name}", "-out", "server.csr")
        self._openssl("req", *self._new_key("server", name), *subject)
        self._openssl(
            *("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile"),
            *("ca.key", "-in", "server.csr", "-out", "server.pem"),
            *("-startdate", "20200101000000Z", "-enddate", ends),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        context.set_alpn_protocols(["h2"])
        return context

    def _new_key(self, file: str, name: str = "Test authority") -> tuple[str, ...]:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        return (*curve, "-keyout", f"{file}.key", "-subj", f"/CN={name}")

    def _openssl(self, *arguments: str) -> None:
        ended = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr


class TlsSite:
    """Serves ``answers`` by path over HTTP/2, with status and headers; 404 for others.

    ``asked`` are the addresses as clients named them; ``connections`` counts who came, whether or
    not they liked the certificate.
    """

    def __init__(
        self, context: ssl.SSLContext, answers: Mapping[str, tuple[dict[str, str], bytes]]
    ) -> None:
        self.asked: list[str] = []
        self.connections = 0
        self.port = 0
        self._answers = answers
        self._context = context
        context.sni_callback = self._greeted

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()

    def _greeted(self, *_: object) -> None:
        self.connections += 1

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        http.initiate_connection()
        try:
            while True:
                writer.write(http.data_to_send())
                received = await reader.read(65_536)
                if not received:
                    break
                for event in http.receive_data(received):
                    if isinstance(event, h2.events.RequestReceived):
                        self._answer(http, event)
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            writer.close()

    def _answer(self, http: h2.connection.H2Connection, request: h2.events.RequestReceived) -> None:
        fields = {_text(name): _text(value) for name, value in request.headers or ()}
        self.asked.append(f"{fields[':scheme']}://{fields[':authority']}{fields[':path']}")
        headers, body = self._answers.get(fields[":path"], ({":status": "404"}, b""))
        assert request.stream_id is not None
        http.send_headers(request.stream_id, list(({":status": "200"} | headers).items()))
        http.send_data(request.stream_id, body, end_stream=True)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
