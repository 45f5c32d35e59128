"""The folder of secrets: one sub-folder for each account, which is all that this account sees.

```
authority/      ca.pem, ca-key.pem: of nobody but the set-up
kafka/          identity.pem, server.pem, server-key.pem, ca.pem, admin-password
elasticsearch/  server.pem, server-key.pem, ca.pem, admin-password
kibana/         elasticsearch-password, ca.pem
admin/          kafka-password, elasticsearch-password, ca.pem
ingest/, enrich/, index/, alert/, operator/   kafka-password, elasticsearch-key, ca.pem
search/         elasticsearch-key, ca.pem
```

In a namespace the accounts' folders have its name before theirs: ``demo.ingest``.
"""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.setup.certificates import (
    Certified,
    make_authority,
    make_server,
    read_certified,
    serves,
)
from services.contract.access import ACCESS
from services.contract.topics import namespaced

ADMIN = "admin"
SEARCH = "search"
ACCOUNTS = (*ACCESS, SEARCH, ADMIN)
KIBANA = "kibana"
SERVERS = ("kafka", "elasticsearch")

_PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class Secrets:
    """Names the files of the folder; they are there after ``make``."""

    folder: Path
    namespace: str = ""

    def ca(self, account: str) -> Path:
        """Return the certificate of the authority, to be trusted."""
        return self._of(account) / "ca.pem"

    def kafka_password(self, account: str) -> Path:
        """Return the password of the account's user of Kafka."""
        return self._of(account) / "kafka-password"

    def elasticsearch_password(self, account: str) -> Path:
        """Return the password of ``admin`` or ``kibana``."""
        return self._of(account) / "elasticsearch-password"

    def elasticsearch_key(self, account: str) -> Path:
        """Return the API key of an account, which ``rasid setup rights`` makes."""
        return self._of(account) / "elasticsearch-key"

    def server(self, server: str) -> Path:
        """Return the folder with all that a server needs."""
        return self.folder / server

    def admin_password(self, server: str) -> Path:
        """Return the administrator's password as the server itself knows it."""
        return self.folder / server / "admin-password"

    def server_certificate(self, server: str) -> Path:
        """Return the certificate that the server shows."""
        return self.folder / server / "server.pem"

    def server_key(self, server: str) -> Path:
        """Return the private key of that."""
        return self.folder / server / "server-key.pem"

    @property
    def kafka_identity(self) -> Path:
        """Key and certificate in one file, as Kafka takes them."""
        return self.folder / "kafka" / "identity.pem"

    def make(self, hosts: Iterable[str], now: datetime) -> None:
        """Make what is missing, of servers that are reached as ``hosts``, names or addresses.

        A server's certificate that is for other hosts, or soon out of date, is made anew.
        """
        everybody = (*ACCOUNTS, *SERVERS, KIBANA)
        for account in everybody:
            self._of(account).mkdir(mode=0o700, parents=True, exist_ok=True)
        for account in (*ACCESS, ADMIN):
            _make_password(self.kafka_password(account))
        for account in (ADMIN, KIBANA):
            _make_password(self.elasticsearch_password(account))
        write_secret(self.admin_password("kafka"), self.kafka_password(ADMIN).read_bytes())
        write_secret(
            self.admin_password("elasticsearch"), self.elasticsearch_password(ADMIN).read_bytes()
        )
        authority = self._authority(now)
        for server in SERVERS:
            self._certify(server, authority, tuple(hosts), now)
        for account in everybody:
            write_secret(self.ca(account), authority.certificate_pem)

    def _of(self, account: str) -> Path:
        """Return the account's folder; the servers and their administrator serve all namespaces."""
        is_shared = account in (ADMIN, KIBANA, *SERVERS)
        return self.folder / (account if is_shared else namespaced(account, self.namespace))

    def _authority(self, now: datetime) -> Certified:
        folder = self.folder / "authority"
        folder.mkdir(mode=0o700, exist_ok=True)
        key, certificate = folder / "ca-key.pem", folder / "ca.pem"
        if not certificate.exists():
            authority = make_authority(now)
            write_secret(key, authority.key_pem)
            write_secret(certificate, authority.certificate_pem)
        return read_certified(key.read_bytes(), certificate.read_bytes())

    def _certify(
        self, server: str, authority: Certified, hosts: tuple[str, ...], now: datetime
    ) -> None:
        certificate, key = self.server_certificate(server), self.server_key(server)
        if certificate.exists() and serves(certificate.read_bytes(), authority, hosts, now):
            return
        certified = make_server(authority, hosts, now)
        write_secret(key, certified.key_pem)
        if server == "kafka":
            write_secret(self.kafka_identity, certified.key_pem + certified.certificate_pem)
        write_secret(certificate, certified.certificate_pem)  # last: when it is there, all is


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _make_password(path: Path) -> None:
    if not (path.exists() and path.stat().st_size):
        write_secret(path, secrets.token_urlsafe(_PASSWORD_BYTES).encode())
