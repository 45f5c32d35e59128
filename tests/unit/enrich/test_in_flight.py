"""Acknowledged in order, bounded, and forgotten when the partition goes to another."""

import asyncio
import random

from services.enrich.in_flight import InFlight


def test_a_message_is_acknowledged_only_after_all_before_it_in_its_partition() -> None:
    acknowledged: list[int] = []
    in_flight = InFlight(limit=100)
    slots = [in_flight.take("a", at, lambda at=at: acknowledged.append(at)) for at in range(5)]
    other = in_flight.take("b", 7, lambda: acknowledged.append(7))
    for at in (2, 1, 4):
        in_flight.deliver(slots[at])
    assert acknowledged == []
    in_flight.deliver(other)
    in_flight.deliver(slots[0])
    assert acknowledged == [7, 0, 1, 2]
    assert (in_flight.position("a"), in_flight.position("b"), in_flight.position("c")) == (
        3,
        8,
        None,
    )
    assert (len(in_flight), in_flight.settled) == (2, 4)


def test_any_order_of_delivery_acknowledges_in_the_order_of_reading() -> None:
    acknowledged: list[int] = []
    in_flight = InFlight(limit=1_000)
    slots = [in_flight.take("a", at, lambda at=at: acknowledged.append(at)) for at in range(1_000)]
    random.Random(7).shuffle(slots)
    for slot in slots:
        in_flight.deliver(slot)
        assert acknowledged == list(range(len(acknowledged)))
    assert len(acknowledged) == 1_000


def test_messages_of_a_partition_taken_away_are_never_acknowledged() -> None:
    acknowledged: list[int] = []
    in_flight = InFlight(limit=100)
    gone = in_flight.take("a", 1, lambda: acknowledged.append(1))
    kept = in_flight.take("b", 2, lambda: acknowledged.append(2))
    in_flight.drop({"a"})
    again = in_flight.take("a", 1, lambda: acknowledged.append(10))
    in_flight.deliver(gone)
    assert (acknowledged, len(in_flight), in_flight.generation) == ([], 2, 1)
    in_flight.deliver(kept)
    in_flight.deliver(again)
    assert (acknowledged, len(in_flight)) == ([2, 10], 0)


def test_a_full_house_waits_until_something_is_settled() -> None:
    async def scenario() -> None:
        in_flight = InFlight(limit=2)
        first, _ = (in_flight.take("a", at, lambda: None) for at in range(2))
        waiting = asyncio.ensure_future(in_flight.wait_below())
        await asyncio.sleep(0)
        assert not waiting.done()
        in_flight.deliver(first)
        await asyncio.wait_for(waiting, 1)
        empty = asyncio.ensure_future(in_flight.wait_below(1))
        await asyncio.sleep(0)
        assert not empty.done()
        in_flight.drop({"a"})
        await asyncio.wait_for(empty, 1)

    asyncio.run(scenario())
