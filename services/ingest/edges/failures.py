"""What libraries raise, to why there is no answer."""

import re
import ssl

import httpcore

from services.ingest.core.answers import FetchFailed, Reason
from services.ingest.core.inflate import EncodingError, TooLargeError
from services.ingest.edges.connections import ForbiddenAddressError, UnresolvedError
from services.ingest.edges.web_address import BadUrlError

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (BadUrlError, "bad-url"),
    (UnresolvedError, "resolve"),
    (ForbiddenAddressError, "forbidden-address"),
    (TooLargeError, "too-large"),
    (EncodingError, "protocol"),
    (httpcore.ConnectError, "connect"),
    (httpcore.ConnectTimeout, "connect"),
    (httpcore.TimeoutException, "timeout"),
    (httpcore.NetworkError, "disconnected"),
    (httpcore.ProtocolError, "protocol"),
)
_GONE_AWAY = re.compile(r"disconnected|closed connection")
"""In httpcore and h11 a connection that ends too early breaks the protocol, too."""


def failure(error: Exception) -> FetchFailed:
    """Return what ``error`` means for the one who asked. Raises it again if that is not known."""
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
    if reason is None:
        raise error
    said = str(error) or type(error).__name__
    if error.args and isinstance(error.args[0], ssl.SSLError):
        reason = "tls"
    elif reason == "protocol" and _GONE_AWAY.search(said):
        reason = "disconnected"
    return FetchFailed(reason, said)
