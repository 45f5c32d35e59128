"""Messages to bytes and back. The only place that knows they are JSON."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from services.contract.articles import Message

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""What a message may weigh: MAX_TEXT_CHARS of Arabic twice over, and what was found in it."""

M = TypeVar("M", bound=Message)

_MAX_FIELD_CHARS = 200  # a path may hold keys that the sender chose

_REASONS = {"json_invalid": "not-json", "json_type": "not-json", "model_type": "not-an-object"}


class ContractError(ValueError):
    """Bytes that are not the message they should be: the sender's fault, so dead-letter them.

    Attributes:
        reason: one of a bounded set, fit for a metric label: ``too-large``, ``not-json``,
            ``not-an-object``, ``newer-schema``, ``missing-field``, ``invalid-field``,
            ``not-encodable``.
        field: the dotted path of the first bad field, ``message`` for the whole.
    """

    def __init__(self, reason: str, field: str, detail: str) -> None:
        super().__init__(f"{reason}: {field}: {detail}")
        self.reason = reason
        self.field = field


def encode(message: Message) -> bytes:
    """Return the JSON of ``message`` in UTF-8, which ``decode`` accepts.

    Raises ContractError for lone surrogates and for more than MAX_MESSAGE_BYTES.
    """
    try:
        data = message.model_dump_json().encode()
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise ContractError("not-encodable", "message", str(error)) from error
    _check_size(data)
    return data


def decode(data: bytes | None, kind: type[M]) -> M:
    """Return the ``kind`` that ``data`` holds; a record without a value (None) holds none.

    Raises ContractError, and nothing else. Of a key that occurs twice the last value counts.
    """
    if data is None:
        raise ContractError("not-json", "message", "the record has no value")
    _check_size(data)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"]))[:_MAX_FIELD_CHARS] or "message"
        raise ContractError(_reason(first["type"], field), field, first["msg"]) from error


def _check_size(data: bytes) -> None:
    if len(data) > MAX_MESSAGE_BYTES:
        detail = f"{len(data)} bytes, {MAX_MESSAGE_BYTES} are allowed"
        raise ContractError("too-large", "message", detail)


def _reason(error_type: str, field: str) -> str:
    if field.rpartition(".")[2] == "schema" and error_type == "less_than_equal":
        return "newer-schema"
    if error_type == "missing":
        return "missing-field"
    return _REASONS.get(error_type, "invalid-field")
