"""Dates as machines and people write them mean one moment, in the source's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.dates import Moment, believable, date_in_url, is_made_up, read_date

TRIPOLI = ZoneInfo("Africa/Tripoli")  # two hours ahead of UTC, all year
NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Sun, 22 Nov 2020 10:00:00 +0200", "2020-11-22 08:00:00"),
        ("Sun, 22 Nov 2020 10:00:00 GMT", "2020-11-22 10:00:00"),
        ("Sun, 22 Nov 2020 10:00:00", "2020-11-22 08:00:00"),
        ("2020-11-22T10:00:00+02:00", "2020-11-22 08:00:00"),
        ("2020-11-22T10:00:00+02", "2020-11-22 08:00:00"),
        ("2020-11-22T10:00:00+25:00", "2020-11-22 08:00:00"),
        ("Sun, 22 Nov 2020 10:00:00 +2500", "2020-11-22 08:00:00"),
        ("Sun, 22 Nov 2020 10:00:00 +1500", "2020-11-22 08:00:00"),
        ("2020-11-22T10:00:00+14:00", "2020-11-21 20:00:00"),
        ("2020-11-22T10:00:00.000Z", "2020-11-22 10:00:00"),
        ("2020-11-22 10:00:00", "2020-11-22 08:00:00"),
        ("2020/11/22 10:00", "2020-11-22 08:00:00"),
        ("2020-11-22", "2020-11-21 22:00 day"),
        ("الإثنين، 06 يوليو 2026 14:05", "2026-07-06 12:05:00"),
        ("الأحد ٣ كانون الثاني ٢٠٢٦", "2026-01-02 22:00 day"),
        ("3 كانون 2 2026", "2026-01-02 22:00 day"),
        ("3 تشرين 1 2025", "2025-10-02 22:00 day"),
        ("نشر يوم الأربعاء 25 نوفمبر 2020 - 10:15 م", "2020-11-25 20:15:00"),
        ("١٢ آذار ٢٠٢٠ الساعة ٩:٠٥ صباحاً", "2020-03-12 07:05:00"),
        ("25 تشرين2/نوفمبر 2020", "2020-11-24 22:00 day"),
        ("14 جانفي 2021", "2021-01-13 22:00 day"),
        ("3 جويلية 2019 - 18:30", "2019-07-03 16:30:00"),
        ("7 غشت 2018", "2018-08-06 22:00 day"),
        ("1 دجنبر، 2017", "2017-11-30 22:00 day"),
        ("الفاتح من سبتمبر", None),
        ("12 رمضان 1441", "2020-05-04 22:00 day"),
        ("12 رمضان 1441 هـ الموافق 5 مايو 2020", "2020-05-04 22:00 day"),
        ("20:40 - 25 أكتوبر 2020", "2020-10-25 18:40:00"),
        ("25 أكتوبر 2020 09:00 بتوقيت غرينتش", "2020-10-25 09:00:00"),
        ("Published On 23 Nov 2020", "2020-11-22 22:00 day"),
        ("November 23, 2020 10:30 pm", "2020-11-23 20:30:00"),
        ("Nov. 3rd, 2020", "2020-11-02 22:00 day"),
        ("le 5 décembre 2020 à 17h45", "2020-12-05 15:45:00"),
        ("1er août 2020", "2020-07-31 22:00 day"),
        ("23 Kasım 2020", "2020-11-22 22:00 day"),
        ("25/11/2020 10:15", "2020-11-25 08:15:00"),
        ("11/25/2020", "2020-11-24 22:00 day"),
        ("25-11-2020", "2020-11-24 22:00 day"),
        ("25.11.2020 - 12:30 ص", "2020-11-24 22:30:00"),
        ("", None),
        ("yesterday", None),
        ("31 فبراير 2020", None),
        ("99/99/2020", None),
        ("2020-13-45", None),
        ("12 رمضان 9999", None),
        ("0000-00-00T00:00:00", None),
        ("شارع 25 نوفمبر", None),
    ],
)
def test_a_date_is_read_as_it_is_written(written: str, utc: str | None) -> None:
    moment = read_date(written, TRIPOLI)
    if utc is None:
        assert moment is None
        return
    assert moment is not None
    day_only = utc.endswith(" day")
    assert moment.at == datetime.fromisoformat(utc.removesuffix(" day")).replace(tzinfo=UTC)
    assert moment.precision == ("day" if day_only else "second")


@given(st.text(max_size=80) | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4} \d\d?:\d\d"))
def test_nothing_written_makes_it_fail(text: str) -> None:
    moment = read_date(text, TRIPOLI)
    assert moment is None or moment.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("at", "believed"),
    [
        (NOW, True),
        (NOW + timedelta(minutes=10), True),
        (NOW + timedelta(minutes=11), False),
        (datetime(1990, 1, 1, tzinfo=UTC), True),
        (datetime(1989, 12, 31, tzinfo=UTC), False),
    ],
)
def test_nothing_comes_out_in_the_future_or_before_the_web(at: datetime, believed: bool) -> None:
    assert believable(Moment(at, "second"), NOW) is believed
    assert not believable(None, NOW)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.ly/2020/11/25/a", "2020-11-24"),
        ("https://x.ly/news/2020-11-25-a", "2020-11-24"),
        ("https://x.ly/2020/13/45/a", None),
        ("https://x.ly/?p=20201125", None),
    ],
)
def test_an_address_may_name_a_day(url: str, day: str | None) -> None:
    moment = date_in_url(url, TRIPOLI)
    assert (moment.at.date().isoformat() if moment else None) == day


def moment(minute: int, precision: str = "second") -> Moment:
    return Moment(NOW.replace(minute=minute), precision)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moments", "made_up"),
    [
        ([moment(1)] * 3, True),
        ([moment(1)] * 2, False),
        ([moment(1), moment(1), moment(2)], False),
        ([moment(0, "day")] * 5, False),
        ([moment(1), moment(1), moment(1), None], False),
        ([None] * 3, False),
        ([], False),
    ],
    ids=["all", "two", "one differs", "one day", "one without", "none dated", "no items"],
)
def test_one_time_for_every_item_is_none(moments: list[Moment | None], made_up: bool) -> None:
    assert is_made_up(moments) is made_up
