"""What is known of hosts is kept while they are among those that were asked lately."""

import asyncio

import pytest

from services.ingest.edges import turns
from services.ingest.edges.turns import HostBusyError, Hosts


async def ask(hosts: Hosts, *names: str) -> None:
    for name in names:
        async with hosts.turn(name, gap_s=0, at_most=1):
            pass


def test_a_pause_that_a_host_asked_for_is_forgotten_only_after_so_many_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MAX_HOSTS", 4)

    async def refuse_and_come_back() -> None:
        hosts = Hosts()
        async with hosts.turn("a.ly", gap_s=0, at_most=1) as host:
            host.refused(3_600)
        await ask(hosts, "b.ly", "c.ly", "d.ly")
        with pytest.raises(HostBusyError):
            await ask(hosts, "a.ly")
        await ask(hosts, "e.ly", "f.ly", "g.ly", "h.ly")
        await ask(hosts, "a.ly")

    asyncio.run(refuse_and_come_back())
