"""The secret of a channel, from where its entry says it is."""

from collections.abc import Mapping
from pathlib import Path

from services.alert.core.channels import Channel
from services.runtime.settings import ConfigurationError


def read_secret(channel: Channel, environ: Mapping[str, str]) -> str | None:
    """Return the secret, None if the channel has none.

    Raises ConfigurationError, which says where it was looked for.
    """
    if channel.secret_env:
        where, secret = channel.secret_env, environ.get(channel.secret_env, "")
    elif channel.secret_file:
        where, secret = channel.secret_file, _content(channel.id, Path(channel.secret_file))
    else:
        return None
    if not secret.strip():
        raise ConfigurationError(f"channel {channel.id}: no secret in {where}")
    return secret.strip()


def _content(channel_id: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"channel {channel_id}: {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"channel {channel_id}: {file}: not a text in UTF-8") from error
