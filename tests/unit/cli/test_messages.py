"""What people get wrong is said in words that help, before anything is waited for."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import import_, sources
from services.cli.app import build, main

SITE = "http://127.0.0.1:9/sitemap.xml"


def say(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Return the exit code of ``rasid`` and what it says, in one line."""
    done = CliRunner().invoke(build([arguments[0]]), list(arguments), env=environ)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.replace("│", " ").split())


@pytest.fixture(autouse=True)
def _logs_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("structlog.configure", lambda **settings: None)
    for command in (import_, sources):
        monkeypatch.setattr(command, "configure_logs", lambda level, style: None)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    catalogue = tmp_path / "sources.yaml"
    catalogue.write_text("sources:\n  - {id: a, name: A, url: https://a.ly/f, language: ar}\n")
    (tmp_path / "here.txt").touch()
    return {
        "RASID_INGEST_SOURCES": str(catalogue),
        "RASID_HOME": str(tmp_path / "here.txt"),
        "RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.txt",), "nothing.txt: no such file or folder"),
        (("example.ly/map.xml",), "if it is on the web: https://example.ly/map.xml"),
        (("-", "--since", "2020-01-01"), "--since and --until are for the address of a sitemap"),
        ((SITE, "--since", "2021-01-01", "--until", "2020-12-31"), "is after --until 2020-12-31"),
        ((SITE, "--since", "yesterday"), "'yesterday' does not match the formats '%Y-%m-%d'"),
        (("https://", "--rate", "1"), "'https://' is no address"),
        (("-", "--rate", "-1"), "greater than or equal to 0"),
    ],
)
def test_wrong_arguments_of_import_are_told_without_kafka(
    arguments: tuple[str, ...], said: str, environ: dict[str, str]
) -> None:
    code, output = say(environ, "import", *arguments)
    assert (code, said in output) == (2, True), output


def test_a_folder_that_cannot_hold_what_an_import_remembers_is_named(
    environ: dict[str, str],
) -> None:
    code, output = say(environ, "import", SITE)
    assert code == 1
    assert "Not a directory. RASID_HOME can name another folder." in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("discover", "ftp://a.ly"), "'ftp://a.ly' is no address: http://... or https://..."),
        (("discover", ""), "is no address"),
        (("import", "x.opml", "--language", "arabic"), "a language tag such as ar, en or fr"),
    ],
)
def test_wrong_arguments_of_sources_are_told(
    arguments: tuple[str, ...], said: str, environ: dict[str, str]
) -> None:
    code, output = say(environ, "sources", *arguments)
    assert (code, said in output) == (2, True), output


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-11", "2026-03-09", "nothing is between --from 2026-03-11"),
        ("0001-01-01", "0001-01-02", "nothing is between --from"),
        ("0001-01-01", "9999-12-31", "at most"),
        ("2016-03-01", "2026-03-28", "366 days apart at most"),
        ("9999-12-31", "9999-12-31", "nothing is between --from 9999-12-31"),
    ],
)
def test_days_that_no_backtest_can_go_through_are_told(first: str, last: str, said: str) -> None:
    code, output = say({}, "alerts", "backtest", "--from", first, "--to", last)
    assert (code, said in output) == (2, True), output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", *map(str, range(41))), "A search has at most 40 words and conditions."),
        (("alerts", "test", "nosuch"), "no enabled watch 'nosuch' in"),
    ],
)
def test_what_elasticsearch_need_not_be_asked_is_told_before_it_is(
    arguments: tuple[str, ...], said: str
) -> None:
    code, output = say({"RASID_ELASTICSEARCH_URL": "http://127.0.0.1:9"}, *arguments)
    assert (code, said in output) == (1, True), output


@pytest.mark.parametrize(
    ("opml", "said"),
    [
        ("<opml/>", "no feeds in it"),
        ('<opml><outline text="A" xmlUrl="mailto:a@b.ly"/></opml>', "left out: A: 'mailto:a@b.ly'"),
        (None, "No such file or directory"),
    ],
    ids=["empty", "no address", "no file"],
)
def test_what_cannot_be_taken_from_opml_is_named(
    opml: str | None, said: str, environ: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "feeds.opml"
    if opml:
        path.write_text(opml)
    code, output = say(environ, "sources", "import", str(path))
    assert (code, said in output) == (1, True), output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sources:\n  - id: a\n   name: b\n", "sources.yaml:3: not YAML"),
        (b"sources:\n  - id: \xd1\xc7\xd5\xcf\n", "sources.yaml:2: not UTF-8 text"),
        (b"", "sources.yaml:1: expected 'sources:'"),
        (None, "sources.yaml: No such file or directory"),
    ],
    ids=["indented wrongly", "windows-1256", "empty", "missing"],
)
def test_what_is_wrong_with_the_catalogue_is_told_with_its_line(
    content: bytes | None,
    said: str,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path(environ["RASID_INGEST_SOURCES"])
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["rasid", "sources", "check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 78
    assert said in capsys.readouterr().err
