"""What the local stack may be told, and where it keeps things."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, field_validator

from services.runtime.settings import Settings, load

LOOPBACK = "127.0.0.1"

Port = Annotated[int, Field(ge=1024, le=65535)]
StackName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
HeapSize = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[mg]$")]


class StackError(Exception):
    """The local stack cannot do what was asked; the message says why and what to do about it."""


class StackConfig(Settings):
    """One local stack. Two of them run side by side if their names and ports differ."""

    PREFIX: ClassVar[str] = "STACK"

    name: StackName = Field("default", description="lower-case letters, digits and hyphens")
    kafka_port: Port = Field(9092, description="a free port, 1024 to 65535")
    kafka_controller_port: Port = Field(9093, description="a free port, 1024 to 65535")
    elasticsearch_port: Port = Field(9200, description="a free port, 1024 to 65535")
    kafka_heap: HeapSize = Field("512m", description="memory such as 512m or 1g")
    elasticsearch_heap: HeapSize = Field("1g", description="memory such as 512m or 1g")
    secure: bool = Field(
        False,
        description="1: both servers ask for names and passwords, over TLS; 0: they ask nobody",
    )
    java_options: str = Field("", description="more options for both servers' java, by spaces")

    @field_validator("home", "java_home")
    @classmethod
    def _anywhere(cls, path: Path | None) -> Path | None:
        """The servers run in folders of their own, so no path may depend on where we are."""
        return path and path.expanduser().absolute()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "StackConfig":
        """Return the stack that ``environ`` describes; raises ConfigurationError."""
        return load(cls, environ)

    @property
    def uses_own_kafka(self) -> bool:
        """Whether the stack starts Kafka: nobody named another with RASID_KAFKA_BOOTSTRAP."""
        return "kafka_bootstrap" not in self.model_fields_set

    @property
    def uses_own_elasticsearch(self) -> bool:
        """Whether the stack starts Elasticsearch: RASID_ELASTICSEARCH_URL names no other."""
        return "elasticsearch_url" not in self.model_fields_set

    @property
    def secures_kafka(self) -> bool:
        """Whether the stack starts a Kafka that asks for passwords."""
        return self.secure and self.uses_own_kafka

    @property
    def secures_elasticsearch(self) -> bool:
        """Whether the stack starts an Elasticsearch that asks for keys and passwords."""
        return self.secure and self.uses_own_elasticsearch

    @property
    def kafka_address(self) -> str:
        """``host:port`` where Kafka answers, the stack's own or the one named."""
        return f"{LOOPBACK}:{self.kafka_port}" if self.uses_own_kafka else self.kafka_bootstrap

    @property
    def elasticsearch_address(self) -> str:
        """URL where Elasticsearch answers, the stack's own or the one named."""
        if self.uses_own_elasticsearch:
            scheme = "https" if self.secure else "http"
            return f"{scheme}://{LOOPBACK}:{self.elasticsearch_port}"
        return self.elasticsearch_url

    @property
    def folder(self) -> Path:
        """Everything this stack writes: ``kafka``, ``elasticsearch``, ``logs``, ``run``."""
        return self.home / "stacks" / self.name

    @property
    def logs(self) -> Path:
        """One file per process, bounded by the supervisor."""
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        """What runs now: lock, process list, state."""
        return self.folder / "run"
