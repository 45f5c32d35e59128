"""The folder of secrets: made once, kept, renewed in time, readable by nobody else."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.setup.certificates import SERVER_DAYS
from deploy.setup.secrets import ACCOUNTS, ADMIN, Secrets
from services.contract.access import ACCESS
from tests.processes import rasid

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOSTS = ("localhost", "127.0.0.1")


def contents(secrets: Secrets) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in secrets.folder.rglob("*") if file.is_file()}


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    made = Secrets(tmp_path / "secrets")
    made.make(HOSTS, NOW)
    return made


def test_each_account_has_a_password_of_its_own_and_the_authority_to_trust(
    secrets: Secrets,
) -> None:
    passwords = {secrets.kafka_password(account).read_text() for account in (*ACCESS, ADMIN)}
    assert len(passwords) == len(ACCESS) + 1
    assert min(map(len, passwords)) >= 32
    assert len({secrets.ca(account).read_bytes() for account in ACCOUNTS}) == 1


def test_nobody_else_can_read_them(secrets: Secrets) -> None:
    for path in (secrets.folder, *secrets.folder.rglob("*")):
        others = path.stat().st_mode & 0o077
        assert not others or path == secrets.folder


def test_what_is_there_is_kept(secrets: Secrets) -> None:
    before = contents(secrets)
    secrets.make(HOSTS, NOW + timedelta(days=30))
    assert contents(secrets) == before


@pytest.mark.parametrize(
    ("hosts", "later"),
    [(HOSTS, timedelta(days=SERVER_DAYS - 30)), ((*HOSTS, "kafka"), timedelta(days=1))],
    ids=["it ends soon", "the server has another name"],
)
def test_a_servers_certificate_is_made_anew_when(
    secrets: Secrets, hosts: tuple[str, ...], later: timedelta
) -> None:
    before = contents(secrets)
    secrets.make(hosts, NOW + later)
    changed = {file.name for file, text in contents(secrets).items() if before[file] != text}
    assert changed == {"server.pem", "server-key.pem", "identity.pem"}


def test_accounts_of_a_namespace_are_others_and_the_servers_are_the_same(secrets: Secrets) -> None:
    other = Secrets(secrets.folder, "other")
    other.make(HOSTS, NOW)
    assert other.kafka_password("index").read_text() != secrets.kafka_password("index").read_text()
    assert other.kafka_password(ADMIN) == secrets.kafka_password(ADMIN)


def test_the_certificate_is_what_strict_clients_take(secrets: Secrets) -> None:
    context = ssl.create_default_context(cafile=secrets.ca("index"))
    context.load_cert_chain(secrets.server_certificate("kafka"), secrets.server_key("kafka"))
    assert context.get_ca_certs()


@pytest.mark.parametrize("file", ["identity.pem", "server-key.pem"])
def test_what_was_cut_short_is_finished(secrets: Secrets, file: str) -> None:
    folder = secrets.server("kafka")
    (folder / file).unlink()
    secrets.server_certificate("kafka").unlink()  # it is written last
    secrets.make(HOSTS, NOW)
    identity = (folder / "identity.pem").read_bytes()
    assert identity == (
        secrets.server_key("kafka").read_bytes() + secrets.server_certificate("kafka").read_bytes()
    )


def test_a_new_authority_certifies_the_servers_anew(secrets: Secrets) -> None:
    before = secrets.server_certificate("elasticsearch").read_bytes()
    for file in (secrets.folder / "authority").iterdir():
        file.unlink()
    secrets.make(HOSTS, NOW)
    assert secrets.server_certificate("elasticsearch").read_bytes() != before


@pytest.mark.slow
@pytest.mark.parametrize("host", ["kafka:9092", "خادم"])
def test_what_cannot_be_a_host_is_refused(tmp_path: Path, host: str) -> None:
    done = rasid("setup", "secrets", str(tmp_path), "--host", host, environ={})
    assert done.returncode == 2
    assert "a name or an address" in " ".join(done.stderr.decode().split())


@pytest.mark.slow
def test_rights_without_secrets_or_servers_say_what_is_missing(
    tmp_path: Path, secrets: Secrets
) -> None:
    way = {"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1", "RASID_ELASTICSEARCH_URL": "http://127.0.0.1:1"}
    done = rasid("setup", "keys", str(secrets.folder), environ=way)
    assert done.returncode == 75
    assert "Elasticsearch at http://127.0.0.1:1" in done.stderr.decode()
    key = way | {"RASID_ELASTICSEARCH_API_KEY": "a"}
    done = rasid("setup", "keys", str(secrets.folder), environ=key)
    assert "cannot make others" in done.stderr.decode()
