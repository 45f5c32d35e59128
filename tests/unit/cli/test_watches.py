"""``rasid watches check`` says what is wrong and where."""

from pathlib import Path

from typer.testing import CliRunner, Result

from services.cli.app import build

GOOD = "watches:\n  - {id: a, title: أ, title_en: A, query: oil}\n"


def check(*arguments: str) -> Result:
    return CliRunner().invoke(build(["watches"]), ["watches", "check", *arguments])


def test_the_packaged_watches_are_checked_when_no_file_is_named() -> None:
    done = check()
    assert done.exit_code == 0
    assert "watches.yaml: 1 drop, " in done.output


def test_good_watches_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD + "  - {id: b, title: ب, title_en: B, query: gas, enabled: no}\n")
    done = check(str(file))
    assert done.exit_code == 0
    assert done.output.startswith(f"{file}: 1 disabled, 1 spike\n")


def test_a_watch_may_only_name_channels_that_there_are(tmp_path: Path) -> None:
    file, channels = tmp_path / "mine.yaml", tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - {id: desk, kind: alertmanager, url: http://desk.example}\n")
    file.write_text(GOOD.replace("query: oil", "query: oil, channels: [desk]"))
    assert check(str(file), "--channels", str(channels)).output.endswith(f"{channels}: desk\n")
    file.write_text(GOOD.replace("query: oil", "query: oil, channels: [desk, dusk]"))
    done = check(str(file), "--channels", str(channels))
    assert done.exit_code == 1
    assert f"{file}:2: channels: ['desk', 'dusk']: there is no channel dusk. Allowed" in done.output


def test_a_channel_may_only_name_watches_that_there_are(tmp_path: Path) -> None:
    file, channels = tmp_path / "mine.yaml", tmp_path / "channels.yaml"
    file.write_text(GOOD)
    channel = "{id: desk, kind: alertmanager, url: http://desk.example, watches: [b]}"
    channels.write_text(f"channels:\n  - {channel}\n")
    done = check(str(file), "--channels", str(channels))
    assert done.exit_code == 1
    assert f"{channels}:2: watches: ['b']: there is no watch b." in done.output


def test_every_mistake_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD + "  - {id: a, title: ب, title_en: B, query: gas}\n  - {id: c}\n")
    done = check(str(file))
    assert done.exit_code == 1
    assert f"{file}:3: id: a is taken by line 2" in done.output
    assert f"{file}:4: query: Field required" in done.output


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = check(str(tmp_path / "none.yaml"))
    assert done.exit_code == 1
    assert done.output == f"{tmp_path / 'none.yaml'}: No such file or directory\n"
