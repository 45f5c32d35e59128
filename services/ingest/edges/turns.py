"""Whose turn it is at which host: waiting for a slow one keeps nobody else from another."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice

from services.ingest.core.politeness import (
    Pace,
    after_answer,
    after_refusal,
    concurrency,
)

MAX_WAIT_S = 60.0
"""A host that wants to be left alone for longer is not waited for."""

MAX_HOSTS = 5_000
"""Remembered; beyond, those that were asked longest ago are forgotten."""


class HostBusyError(Exception):
    """The host wants no request for ``retry_after_s``, which is too long to wait."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"the host asked for a pause, {retry_after_s:.0f} s are left")
        self.retry_after_s = retry_after_s


class Host:
    """One host as all who ask it share it. Who has a turn tells what came of it."""

    def __init__(self) -> None:
        self.pace = Pace()
        self._under_way = 0
        self._free_at = 0.0
        self._door = asyncio.Lock()  # fair: who came first goes first
        self._left = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nobody is asking or waiting."""
        return not self._under_way and not self._door.locked()

    async def enter(self, gap_s: float, at_most: int) -> None:
        """Return when it is the caller's turn. Raises HostBusyError.

        No other request starts for ``gap_s``, nor are there more than ``at_most`` with this one.
        """
        async with self._door:
            while not self._may_enter(at_most):
                await self._something_changes()
            self._under_way += 1
            self._free_at = time.monotonic() + gap_s

    def leave(self) -> None:
        """Let the next one in."""
        self._under_way -= 1
        self._left.set()

    def answered(self, took_s: float) -> None:
        """Note how long an answer took, or for how long none came."""
        self.pace = after_answer(self.pace, time.monotonic(), took_s)

    def refused(self, asked_s: float | None) -> None:
        """Note that the host wants a pause, of ``asked_s`` if it said so."""
        self.pace = after_refusal(self.pace, time.monotonic(), asked_s)

    def _may_enter(self, at_most: int) -> bool:
        now = time.monotonic()
        pause_s = self.pace.not_before - now
        if pause_s > MAX_WAIT_S:
            raise HostBusyError(pause_s)
        free = self._under_way < concurrency(self.pace, at_most)
        return free and pause_s <= 0 and self._free_at <= now

    async def _something_changes(self) -> None:
        """Wait for a request to end, or for the moment from which another may start."""
        self._left.clear()
        starts_in_s = max(self.pace.not_before, self._free_at) - time.monotonic()
        try:
            async with asyncio.timeout(starts_in_s if starts_in_s > 0 else None):
                await self._left.wait()
        except TimeoutError:
            pass


class Hosts:
    """The hosts that were asked lately."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, Host] = OrderedDict()

    @asynccontextmanager
    async def turn(self, name: str, gap_s: float, at_most: int) -> AsyncIterator[Host]:
        """Have a turn at the host inside the block. Raises HostBusyError instead of a long wait."""
        host = self._hosts.get(name) or self._hosts.setdefault(name, Host())
        self._hosts.move_to_end(name)
        self._forget_some()
        await host.enter(gap_s, at_most)
        try:
            yield host
        finally:
            host.leave()

    def _forget_some(self) -> None:
        """Keep no more than MAX_HOSTS, but for those that are in use."""
        surplus = max(0, len(self._hosts) - MAX_HOSTS)
        for name in list(islice(self._hosts, surplus)):
            if self._hosts[name].idle:
                del self._hosts[name]
