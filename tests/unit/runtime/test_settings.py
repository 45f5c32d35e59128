"""Configuration: what is wrong is said once, with the variable and what is allowed."""

from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from pydantic import Field, SecretStr, model_validator

from services.runtime.elasticsearch import make_client
from services.runtime.settings import ConfigurationError, ServiceSettings, Settings, load


class CourierSettings(ServiceSettings):
    """A service with a number, a secret that must be given, and a rule about two of its fields."""

    PREFIX: ClassVar[str] = "INGEST"

    parcels: int = Field(3, ge=1, le=9, description="parcels in one round, 1 to 9")
    token: SecretStr = Field(SecretStr("none"), min_length=4, description="at least 4 characters")
    first: int = Field(1, description="first street")
    last: int = Field(2, description="last street, not before the first")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("RASID_INGEST_FIRST must not be above RASID_INGEST_LAST")
        return self


def complaint(environ: dict[str, str], kind: type[Settings] = CourierSettings) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(kind, environ)
    return str(caught.value)


def test_without_any_variable_the_defaults_hold() -> None:
    settings = load(Settings, {"PATH": "/bin"})
    assert settings.kafka_bootstrap == "localhost:9092"
    assert settings.elasticsearch_url == "http://localhost:9200"
    assert settings.namespace == ""


def test_shared_variables_have_the_short_name_and_own_ones_the_prefix() -> None:
    settings = load(CourierSettings, {"RASID_NAMESPACE": "a", "RASID_INGEST_PARCELS": "5"})
    assert (settings.namespace, settings.parcels) == ("a", 5)


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load(CourierSettings, {"RASID_INGEST_PARCELS": ""}).parcels == 3


@pytest.mark.parametrize("value", ["ten", "0", "10", "1.5"])
def test_a_bad_value_is_shown_with_its_variable_and_what_is_allowed(value: str) -> None:
    text = complaint({"RASID_INGEST_PARCELS": value})
    assert f"RASID_INGEST_PARCELS={value}: " in text
    assert "Allowed: parcels in one round, 1 to 9" in text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RASID_ELASTICSEARCH_URL", "localhost:9200"),
        ("RASID_ELASTICSEARCH_URL", "http://localhost:9200/news"),
        ("RASID_NAMESPACE", "Upper"),
        ("RASID_NAMESPACE", "-leading"),
        ("RASID_NAMESPACE", "with.dot"),
        ("RASID_LOG_LEVEL", "loud"),
        ("RASID_LOG_FORMAT", "xml"),
        ("RASID_INGEST_HTTP_PORT", "65536"),
        ("RASID_INGEST_PROGRESS_DEADLINE_S", "0"),
        ("RASID_INGEST_PROGRESS_DEADLINE_S", "9.9"),
        ("RASID_INGEST_PROGRESS_DEADLINE_S", "nan"),
        ("RASID_INGEST_PROGRESS_DEADLINE_S", "inf"),
    ],
)
def test_shared_settings_are_checked(variable: str, value: str) -> None:
    assert f"{variable}={value}: " in complaint({variable: value})


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("localhost:9092", "localhost:9092"),
        (" a.example:1 , b_c-d:65535 ", "a.example:1,b_c-d:65535"),
        ("[::1]:9092,127.0.0.1:9093", "[::1]:9092,127.0.0.1:9093"),
    ],
)
def test_addresses_of_kafka_are_taken_without_spaces(given: str, address: str) -> None:
    assert load(Settings, {"RASID_KAFKA_BOOTSTRAP": given}).kafka_bootstrap == address


@pytest.mark.parametrize(
    "value",
    [
        *("localhost", "localhost:", "localhost:abc", "localhost:0", "localhost:65536", ":9092"),
        *(" ", ",", "a:1,", "a:1,,b:2", "a:1 b:2", "::1:9092", "[::g]:9092"),
        "http://localhost:9092",
    ],
)
def test_what_is_no_address_of_kafka_is_refused_with_what_is_allowed(value: str) -> None:
    text = complaint({"RASID_KAFKA_BOOTSTRAP": value})
    assert f"RASID_KAFKA_BOOTSTRAP={value}: " in text
    assert "Allowed: host:port[,host:port...]" in text


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://localhost", "http://localhost:9200"),
        ("https://search.example/", "https://search.example:443"),
        (" https://search.example:9243 ", "https://search.example:9243"),
        ("http://[::1]", "http://[::1]:9200"),
        ("http://user:hush@search:9200", "http://user:hush@search:9200"),
    ],
)
def test_elasticsearch_is_given_the_usual_port_if_none_and_its_client_takes_it(
    given: str, url: str
) -> None:
    settings = load(Settings, {"RASID_ELASTICSEARCH_URL": given})
    assert settings.elasticsearch_url == url
    make_client(settings).close()


@pytest.mark.parametrize(
    "value", ["http://", "http://:9200", "http://a:b", "http://a:0", "http://[::g]", "ftp://a:1"]
)
def test_what_is_no_url_of_elasticsearch_is_refused_with_what_is_allowed(value: str) -> None:
    text = complaint({"RASID_ELASTICSEARCH_URL": value})
    assert f"RASID_ELASTICSEARCH_URL={value}: " in text
    assert "Allowed: http(s)://host[:port]" in text


def test_an_unknown_variable_is_refused_with_the_name_that_was_meant() -> None:
    text = complaint({"RASID_KAFKA_BOOTSTRP": "localhost:9092"})
    assert "RASID_KAFKA_BOOTSTRP: no such variable; did you mean RASID_KAFKA_BOOTSTRAP?" in text


def test_an_unknown_variable_like_no_other_is_answered_with_all_that_are_known() -> None:
    text = complaint({"RASID_COLOUR_OF_THE_SEA": "1"})
    assert "RASID_COLOUR_OF_THE_SEA: no such variable; known: " in text
    assert "RASID_INGEST_PARCELS" in text


def test_variables_of_other_services_and_programs_are_theirs_to_judge() -> None:
    load(CourierSettings, {"RASID_INDEX_ANYTHING": "x", "KAFKA_HEAP": "1g", "rasid_x": "1"})
    assert "RASID_INGEST_ANYTHING" in complaint({"RASID_INGEST_ANYTHING": "x"})


def test_every_problem_is_in_the_one_message() -> None:
    text = complaint(
        {"RASID_INGEST_PARCELS": "0", "RASID_LOG_LEVEL": "loud", "RASID_NAMESPAC": "a"}
    )
    assert text.splitlines()[0] == "The configuration is wrong:"
    assert len(text.splitlines()) == 4


def test_values_that_do_not_fit_together_are_explained() -> None:
    text = complaint({"RASID_INGEST_FIRST": "3"})
    assert "RASID_INGEST_FIRST must not be above RASID_INGEST_LAST" in text


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    direct = load(CourierSettings, {"RASID_INGEST_TOKEN": "direct"})
    from_file = load(CourierSettings, {"RASID_INGEST_TOKEN_FILE": str(file)})
    assert direct.token.get_secret_value() == "direct"
    assert from_file.token.get_secret_value() == "from-file"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    environ = {"RASID_INGEST_TOKEN": "hush-hush", "RASID_INGEST_TOKEN_FILE": str(tmp_path)}
    text = complaint(environ)
    assert "RASID_INGEST_TOKEN, RASID_INGEST_TOKEN_FILE: give one of them, not both" in text
    assert "hush" not in text


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "No such file or directory"), (b" \n", "the file is empty"), (b"\xff", "not a text")],
    ids=["absent", "empty", "binary"],
)
def test_an_unreadable_secret_is_refused(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert problem in complaint({"RASID_INGEST_TOKEN_FILE": str(file)})


def test_only_secrets_can_come_from_a_file() -> None:
    assert "RASID_NAMESPACE_FILE: no such variable" in complaint({"RASID_NAMESPACE_FILE": "x"})


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        ({"RASID_INGEST_TOKEN": "abc"}, "abc"),
        ({"RASID_INGEST_TOKEN": "hush-hush", "RASID_INGEST_FIRST": "3"}, "hush"),
        ({"RASID_ELASTICSEARCH_URL": "http://user:hush@host:9200/x"}, "hush"),
    ],
    ids=["too short", "beside another error", "in a URL"],
)
def test_a_secret_is_in_no_message(environ: dict[str, str], secret: str) -> None:
    text = complaint(environ)
    assert secret not in text
    assert "RASID_" in text


def test_a_secret_is_not_shown_by_the_settings_themselves() -> None:
    settings: Any = load(Settings, {"RASID_ELASTICSEARCH_API_KEY": "hush-hush"})
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings.model_dump())


def test_local_data_lives_where_rasid_home_says() -> None:
    assert load(Settings, {"RASID_HOME": "/srv/rasid"}).home == Path("/srv/rasid")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"RASID_KAFKA_USERNAME": "a"}, "give both or none"),
        ({"RASID_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "need RASID_KAFKA_USERNAME"),
        ({"RASID_KAFKA_USERNAME": "a", "RASID_KAFKA_PASSWORD": "b"}, "PLAINTEXT: SASL_SSL and"),
        ({"RASID_KAFKA_CA_FILE": __file__}, "only with SSL"),
        ({"RASID_KAFKA_CA_FILE": "/nowhere"}, "cannot be read: No such file"),
        (
            {
                "RASID_ELASTICSEARCH_URL": "http://a:b@c",
                "RASID_ELASTICSEARCH_API_KEY": "d",
            },
            "give one of them",
        ),
        ({"RASID_ELASTICSEARCH_USERNAME": "a"}, "give the key, or both others"),
        ({"RASID_ELASTICSEARCH_CA_FILE": __file__}, "does not begin with https"),
    ],
)
def test_credentials_that_do_not_fit_together_are_named(environ: dict[str, str], said: str) -> None:
    assert said in complaint(environ, Settings)


def test_a_password_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("geheim\n")
    way = {"RASID_KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "RASID_KAFKA_USERNAME": "rasid-index"}
    settings = load(Settings, way | {"RASID_KAFKA_PASSWORD_FILE": str(file)})
    assert settings.kafka_password
    assert settings.kafka_password.get_secret_value() == "geheim"
    assert "geheim" not in repr(settings)
    wrong = way | {"RASID_KAFKA_PASSWORD": "geheim", "RASID_KAFKA_SASL_MECHANISM": "PLAN"}
    assert "geheim" not in complaint(wrong, Settings)


KEY = {"RASID_ELASTICSEARCH_API_KEY": "s3cret"}
USER = {"RASID_KAFKA_USERNAME": "index", "RASID_KAFKA_PASSWORD": "s3cret"}
ELSEWHERE = {"RASID_KAFKA_BOOTSTRAP": "localhost:9092,kafka.example:9092"}
PLAIN = {"RASID_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "RASID_KAFKA_SASL_MECHANISM": "PLAIN"}


@pytest.mark.parametrize(
    ("environ", "readable"),
    [
        ({"RASID_ELASTICSEARCH_URL": "http://es.example"}, []),
        (KEY | {"RASID_ELASTICSEARCH_URL": "https://es.example"}, []),
        (KEY | {"RASID_ELASTICSEARCH_URL": "http://[::1]:9200"}, []),
        (KEY | {"RASID_ELASTICSEARCH_URL": "http://es.example"}, ["RASID_ELASTICSEARCH_API_KEY"]),
        ({"RASID_ELASTICSEARCH_URL": "http://a:s3cret@es.example"}, ["RASID_ELASTICSEARCH_URL"]),
        (USER | PLAIN, []),
        (USER | ELSEWHERE | PLAIN, ["RASID_KAFKA_PASSWORD"]),
        (USER | ELSEWHERE | PLAIN | {"RASID_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"}, []),
        (USER | ELSEWHERE | PLAIN | {"RASID_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, []),
    ],
)
def test_secrets_that_others_can_read_on_their_way_are_named(
    environ: dict[str, str], readable: list[str]
) -> None:
    assert load(Settings, environ).secrets_in_the_clear() == readable
