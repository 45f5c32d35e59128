"""``python -m deploy.kibana`` against a server on localhost that answers as Kibana does."""

import json
import os
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.kibana.__main__ import make_client
from deploy.kibana.config import KibanaSettings
from deploy.kibana.loading import (
    RefusedError,
    UnavailableError,
    import_objects,
    wait_until_available,
)
from deploy.kibana.objects import FILE
from services.runtime.settings import ConfigurationError, load
from tests.support import free_port

OBJECTS = FILE.read_bytes().splitlines()
AVAILABLE = (200, {"status": {"overall": {"level": "available"}}})
STARTING = (503, "Kibana server is not ready yet")
TAKEN = (200, {"success": True, "successCount": len(OBJECTS), "successResults": [], "errors": []})
SECRET = "s3cret-of-kibana"


@dataclass
class Kibana:
    """Answers each path with what is listed for it, the last one for ever."""

    url: str = ""
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    requests: list[tuple[str, Message, bytes]] = field(default_factory=list)

    def answer(self, request: str) -> tuple[int, bytes]:
        listed = self.answers.get(request.partition("?")[0], [(404, {"message": "Not Found"})])
        status, said = listed.pop(0) if len(listed) > 1 else listed[0]
        return status, said.encode() if isinstance(said, str) else json.dumps(said).encode()

    def asked(self, what: str) -> list[tuple[str, Message, bytes]]:
        return [one for one in self.requests if what in one[0]]


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    site = Kibana(
        answers={"GET /api/status": [AVAILABLE], "POST /api/saved_objects/_import": [TAKEN]}
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            site.requests.append((f"{self.command} {self.path}", self.headers, body))
            status, said = site.answer(f"{self.command} {self.path}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815 - the base's name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """The requests are kept."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


def run(kibana: Kibana, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    given = {
        "RASID_KIBANA_URL": kibana.url,
        "RASID_LOG_FORMAT": "json",
    }
    given |= {f"RASID_KIBANA_{name}": value for name, value in variables.items()}
    command = [sys.executable, "-m", "deploy.kibana"]
    done = subprocess.run(
        command, env=environ | given, capture_output=True, text=True, timeout=60, check=False
    )
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.slow
def test_the_objects_are_loaded_over_those_that_are_there(kibana: Kibana) -> None:
    done = run(kibana)
    assert done.returncode == 0, done.stderr
    ((request, headers, body),) = kibana.asked("_import")
    assert request == "POST /api/saved_objects/_import?overwrite=true"
    assert headers["kbn-xsrf"] == "true"
    assert headers["Authorization"] is None
    assert file_in(headers, body) == FILE.read_bytes()
    assert f'"objects": {len(OBJECTS)}' in done.stderr


def file_in(headers: Message, body: bytes) -> bytes:
    """Return the file of a multipart form; Kibana takes none whose name ends otherwise."""
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    (part,) = message_from_bytes(head + body).get_payload()
    assert part.get_param("name", header="Content-Disposition") == "file"
    assert str(part.get_filename()).endswith(".ndjson")
    return bytes(part.get_payload(decode=True))


@pytest.mark.slow
def test_loading_again_with_a_key_from_a_file_is_the_same_request_again(
    kibana: Kibana, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    assert [run(kibana, API_KEY_FILE=str(tmp_path / "key")).returncode for _ in range(2)] == [0, 0]
    (first, second) = kibana.asked("_import")
    assert file_in(*first[1:]) == file_in(*second[1:])
    assert {headers["Authorization"] for _, headers, _ in kibana.requests} == {f"ApiKey {SECRET}"}


@pytest.mark.slow
def test_a_kibana_that_is_not_ready_in_time_is_tried_later(kibana: Kibana) -> None:
    kibana.answers["GET /api/status"] = [STARTING]
    done = run(kibana, WAIT_S="1")
    assert done.returncode == 75
    assert "not ready yet" in done.stderr
    assert not kibana.asked("_import")


@pytest.mark.slow
def test_what_kibana_did_not_take_is_said(kibana: Kibana) -> None:
    error = {"type": "missing_references", "references": []}
    reply = {
        "success": False,
        "successCount": len(OBJECTS) - 1,
        "errors": [{"id": "rasid-oil", "type": "search", "error": error}],
    }
    kibana.answers["POST /api/saved_objects/_import"] = [(200, reply)]
    done = run(kibana)
    assert done.returncode == 1
    assert "search rasid-oil" in done.stderr
    assert "missing_references" in done.stderr


@pytest.mark.slow
def test_a_wrong_key_is_a_wrong_configuration(kibana: Kibana) -> None:
    kibana.answers["GET /api/status"] = [(401, {"message": "Unauthorized"})]
    done = run(kibana, API_KEY=SECRET)
    assert done.returncode == 78
    assert "RASID_KIBANA_API_KEY" in done.stderr


@pytest.mark.slow
def test_so_is_a_wrong_setting_and_nothing_is_asked(kibana: Kibana) -> None:
    done = run(kibana, API_KEY=f"{SECRET}\nX-Other: 1")
    assert done.returncode == 78
    assert "RASID_KIBANA_API_KEY" in done.stderr
    assert not kibana.requests


def settings_of(kibana: Kibana | str, **variables: str) -> KibanaSettings:
    given = {"URL": kibana if isinstance(kibana, str) else kibana.url} | variables
    return load(KibanaSettings, {f"RASID_KIBANA_{name}": said for name, said in given.items()})


@pytest.fixture
def client(kibana: Kibana) -> Iterator[httpx.Client]:
    with make_client(settings_of(kibana)) as client:
        yield client


def test_it_waits_while_kibana_starts(kibana: Kibana, client: httpx.Client) -> None:
    kibana.answers["GET /api/status"] = [STARTING, AVAILABLE]
    wait_until_available(client, wait_s=30)
    assert len(kibana.asked("/api/status")) == 2


def test_a_kibana_that_nobody_listens_for_is_unavailable() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with make_client(settings_of(address)) as nobody, pytest.raises(UnavailableError) as caught:
        wait_until_available(nobody, wait_s=0)
    assert address in str(caught.value)


def test_so_is_one_that_breaks_off_during_the_import(kibana: Kibana, client: httpx.Client) -> None:
    kibana.answers["POST /api/saved_objects/_import"] = [(503, {"message": "no connections"})]
    with pytest.raises(UnavailableError, match="no connections"):
        import_objects(client, FILE.read_bytes())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(200, {"success": True, "successCount": 3}, id="fewer than were sent"),
        pytest.param(200, "<html>a proxy</html>", id="not from Kibana"),
        pytest.param(200, [], id="of another form"),
        pytest.param(422, {"message": "the document is of a newer version"}, id="as a whole"),
    ],
)
def test_an_import_that_is_not_complete_is_refused(
    kibana: Kibana, client: httpx.Client, status: int, said: Any
) -> None:
    kibana.answers["POST /api/saved_objects/_import"] = [(status, said)]
    with pytest.raises(RefusedError, match=r"only 3|proxy|not an answer|newer version"):
        import_objects(client, FILE.read_bytes())


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_import_is_a_wrong_configuration(
    kibana: Kibana, client: httpx.Client, status: int
) -> None:
    kibana.answers["POST /api/saved_objects/_import"] = [(status, {"message": "Forbidden"})]
    with pytest.raises(ConfigurationError, match="RASID_KIBANA_API_KEY"):
        import_objects(client, FILE.read_bytes())


def test_so_is_an_address_that_is_no_kibana(kibana: Kibana, client: httpx.Client) -> None:
    kibana.answers.clear()
    with pytest.raises(ConfigurationError, match="RASID_KIBANA_URL"):
        wait_until_available(client, wait_s=30)


def test_a_space_or_base_path_is_part_of_the_address(kibana: Kibana) -> None:
    kibana.answers = {"GET /s/news/api/status": [AVAILABLE]}
    with make_client(settings_of(f"{kibana.url}/s/news/")) as client:
        wait_until_available(client, wait_s=0)


def test_a_user_and_a_password_go_with_every_request(kibana: Kibana, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)
    password = str(tmp_path / "password")
    with make_client(settings_of(kibana, USERNAME="loader", PASSWORD_FILE=password)) as client:
        wait_until_available(client, wait_s=0)
    (said,) = (headers["Authorization"] for _, headers, _ in kibana.requests)
    assert b64decode(said.removeprefix("Basic ")).decode() == f"loader:{SECRET}"


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"URL": "localhost:5601"}, id="no scheme"),
        pytest.param({"URL": f"http://loader:{SECRET}@localhost:5601"}, id="a password in the URL"),
        pytest.param({"URL": "http://localhost:5601/?a=b"}, id="a query in the URL"),
        pytest.param({"URL": "http://localhost:99999"}, id="no such port"),
        pytest.param({"USERNAME": "loader"}, id="a user without a password"),
        pytest.param({"PASSWORD": SECRET}, id="a password without a user"),
        pytest.param({"API_KEY": SECRET, "USERNAME": "a", "PASSWORD": SECRET}, id="key and user"),
        pytest.param({"KEY": "a"}, id="a variable that there is not"),
    ],
)
def test_a_wrong_setting_is_named(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of(**({"kibana": "http://localhost:5601"} | variables))
    assert f"RASID_KIBANA_{next(iter(variables))}" in str(caught.value)
    assert SECRET not in str(caught.value)
