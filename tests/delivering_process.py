"""A process that delivers alerts to channels, to be killed: started by forking."""

import multiprocessing
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from typing import Self

from services.alert.core.channels import Channel
from services.alert.deliveries import Deliveries
from services.runtime.service import StopSignal
from services.runtime.settings import Settings, load

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.delivering_process"])


class DeliveringProcess:
    """Delivers from ``__enter__`` to SIGKILL."""

    def __init__(
        self,
        settings_environ: Mapping[str, str],
        channels: Sequence[Channel],
        secrets: Mapping[str, str],
    ) -> None:
        self._process: ForkServerProcess = _FORKS.Process(
            target=_deliver_for_ever,
            args=(dict(settings_environ), list(channels), dict(secrets)),
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _deliver_for_ever(
    environ: Mapping[str, str], channels: Sequence[Channel], secrets: Mapping[str, str]
) -> None:
    shared = {name: value for name, value in environ.items() if "_INGEST_" not in name}
    stop = StopSignal()
    deliveries = Deliveries(load(Settings, shared), channels, secrets, stop)
    while not stop.wait(0.5):
        deliveries.check()
