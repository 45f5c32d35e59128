"""What the loader of Kibana's saved objects may be told."""

import re
from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from services.runtime.settings import Settings


def _address(text: str) -> str:
    """Return the address without a slash at its end. A path is Kibana's base path, or a space."""
    url = urlsplit(text.strip())
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        raise ValueError("not an address")
    if url.username is not None or url.query or url.fragment:
        raise ValueError("only a scheme, a host, a port and a path are allowed")
    return text.strip().rstrip("/")


def _printable(key: SecretStr) -> SecretStr:
    """Refuse what no header can hold: the HTTP client would show it in its error."""
    if not re.fullmatch(r"[!-~]+", key.get_secret_value()):
        raise ValueError("not a key")
    return key


class KibanaSettings(Settings):
    """Settings of ``python -m deploy.kibana``, read from ``RASID_KIBANA_*``."""

    PREFIX: ClassVar[str] = "KIBANA"

    url: Annotated[str, AfterValidator(_address)] = Field(
        "http://localhost:5601", description="http(s)://host[:port][/path] of Kibana"
    )
    username: str | None = Field(None, description="who loads the objects; none by default")
    password: SecretStr | None = Field(None, description="the password of that user")
    api_key: Annotated[SecretStr, AfterValidator(_printable)] | None = Field(
        None, description="API key in place of a user; none by default"
    )
    wait_s: float = Field(
        300, ge=0, le=3600, description="seconds to wait until Kibana is available, 0 to 3600"
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("RASID_KIBANA_USERNAME, RASID_KIBANA_PASSWORD: give both or none")
        if self.api_key and self.username:
            raise ValueError("RASID_KIBANA_API_KEY, RASID_KIBANA_USERNAME: give one of them")
        return self
