"""The channels are checked as a whole, every mistake has its line, and no secret is shown."""

import re
from pathlib import Path

import pytest

from services.alert.core.channels import Channel, load_channels
from services.alert.deliveries import make_senders
from services.contract.alerts import AlertedWatch
from services.contract.catalogues import CatalogueError
from services.runtime.settings import ConfigurationError
from tests.alerts import alert

PACKAGED = Path(__file__).parents[3] / "deploy/channels.yaml"
WEBHOOK = "channels:\n  - id: desk\n    kind: webhook\n    url: https://desk.example/hook\n"


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_channels(text, "channels.yaml")
    return str(caught.value).split("\n")


def watch(**fields: object) -> AlertedWatch:
    return alert(watch=fields).watch


def channel(**fields: object) -> Channel:
    known = {"id": "desk", "kind": "alertmanager", "url": "http://desk.example"}
    return Channel.model_validate(known | fields)


def test_the_packaged_file_has_no_channel() -> None:
    assert load_channels(PACKAGED.read_text(encoding="utf-8"), "channels.yaml") == ()


def test_the_examples_of_the_packaged_file_are_channels() -> None:
    text = re.sub("^#(?= {2,}(- )?[a-z_]+:)", "", PACKAGED.read_text(encoding="utf-8"), flags=re.M)
    channels = load_channels(text.replace("channels: []", "channels:"), "channels.yaml")
    assert [known.kind for known in channels] == ["alertmanager", "webhook", "apprise"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (WEBHOOK, "2: kind webhook needs secret_env or secret_file"),
        (
            WEBHOOK + "    secret_env: A\n    secret_file: /a\n",
            "2: secret_env and secret_file: give",
        ),
        (WEBHOOK + "    secret_env: RASID_X\n", "5: secret_env: the name of a setting. Allowed:"),
        (WEBHOOK + "    secret: x\n", "5: secret: no such key; did you mean secret_"),
        (WEBHOOK + "    secret_env: A\n    severities: [grave]\n", "6: severities: 'grave': "),
        (WEBHOOK.replace("webhook", "apprise"), "2: kind apprise needs secret_env"),
        (
            WEBHOOK.replace("webhook", "apprise") + "    secret_env: A\n",
            "2: kind apprise has no url: its secret is its URL",
        ),
        (WEBHOOK.replace("example/", "example:99999/"), "4: url: "),
        (WEBHOOK.replace("example/", "example:https/"), "4: url: "),
        ("channels:\n  - {id: a, kind: alertmanager}\n", "2: kind alertmanager needs a url"),
        (WEBHOOK.replace("https:", "ftp:"), "4: url: not an address. Allowed:"),
        (WEBHOOK.replace("webhook", "pigeon"), "3: kind: 'pigeon': "),
        ("watches: []\n", "1: expected 'channels:' with a list of channels"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    assert any(f"channels.yaml:{problem}" in line for line in problems(text)), problems(text)


@pytest.mark.parametrize(
    "entry",
    [
        "url: https://user:hunter2@desk.example",
        "secret_env: whsec_hunter2",
        "secret: hunter2",
    ],
)
def test_a_secret_that_is_written_there_is_refused_and_not_shown(entry: str) -> None:
    shown = "\n".join(problems(f"channels:\n  - id: desk\n    kind: webhook\n    {entry}\n"))
    assert f"channels.yaml:4: {entry.partition(':')[0]}" in shown
    assert "hunter2" not in shown


def test_a_channel_gets_the_alerts_that_it_and_the_watch_want() -> None:
    assert channel().takes(watch())
    assert channel().takes(watch(channels=("desk", "mail")))
    assert not channel().takes(watch(channels=("mail",)))
    assert channel(watches=["oil"]).takes(watch(id="oil"))
    assert not channel(watches=["oil"]).takes(watch(id="gas"))
    assert not channel(watches=["oil"]).takes(watch(id="oil", channels=("mail",)))
    assert channel(severities=["critical"]).takes(watch(severity="critical"))
    assert not channel(severities=["critical"]).takes(watch(severity="warning"))


def test_secrets_are_read_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    key = "whsec_" + "QUJD" * 12
    (tmp_path / "url").write_text("json://127.0.0.1/hook\n")
    channels = [
        Channel(id="hook", kind="webhook", url="http://hook.example", secret_env="HOOK"),
        Channel(id="chat", kind="apprise", secret_file=str(tmp_path / "url")),
        channel(),
    ]
    assert list(make_senders(channels, {"HOOK": key})) == ["hook", "chat", "desk"]


def test_every_secret_that_does_not_do_is_named_and_none_is_shown(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("nosuch://hunter2@chat.example")
    channels = [
        Channel(id="a", kind="webhook", url="http://hook.example", secret_env="A"),
        Channel(id="b", kind="webhook", url="http://hook.example", secret_env="B"),
        Channel(id="c", kind="apprise", secret_file=str(tmp_path / "url")),
        Channel(id="d", kind="apprise", secret_file=str(tmp_path / "none")),
        Channel(id="e", kind="alertmanager", url="http://am.example", secret_env="E"),
        Channel(id="f", kind="alertmanager", url="http://am.example", secret_env="F"),
    ]
    with pytest.raises(ConfigurationError) as caught:
        make_senders(channels, {"B": "whsec_hunter2", "E": "\ufeffhunter2", "F": "hunter\n2"})
    assert str(caught.value).split("\n") == [
        "channel a: no secret in A",
        "channel b: its secret is not whsec_ and 24 bytes or more in Base64",
        "channel c: its secret is not one URL that Apprise knows",
        f"channel d: {tmp_path / 'none'}: No such file or directory",
        "channel e: its secret is not a token: other signs than those of ASCII, or lines",
        "channel f: its secret is not a token: other signs than those of ASCII, or lines",
    ]
