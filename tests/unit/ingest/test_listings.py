"""An index of sitemaps is read with the sitemaps that it names."""

import asyncio
from collections.abc import Iterator

import pytest

from services.ingest.core.answers import Fetched, Validators
from services.ingest.core.items import FeedError, Listing
from services.ingest.core.sources import Source
from services.ingest.edges.http import open_fetcher
from services.ingest.listings import list_items
from tests.local_site import LOCAL, Answer, LocalSite
from tests.sitemaps import entry, index, sitemap

NEWS = "<lastmod>2020-11-22</lastmod>"


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


def serve(site: LocalSite, *children: tuple[str, str]) -> None:
    listed = index(*children).replace("https://example.ly", site.url)
    site.answers["/index.xml"] = Answer(listed.encode(), headers={"ETag": '"1"'})


def listed(site: LocalSite) -> tuple[Listing, Validators]:
    async def once() -> tuple[Listing, Validators]:
        source = Source(
            id="s", name="مصدر", url=f"{site.url}/index.xml", language="ar", kind="sitemap"
        )
        async with open_fetcher(LOCAL) as fetcher, fetcher.room() as room:
            answer = await fetcher.fetch(source.url, "feed", room=room)
            assert isinstance(answer, Fetched)
            return await list_items(fetcher, source, answer, room)

    return asyncio.run(once())


def test_an_index_lists_what_its_sitemaps_list(site: LocalSite) -> None:
    serve(site, ("a", NEWS), ("b", NEWS))
    site.answers["/a.xml"] = Answer(sitemap(entry(1), entry(2)).encode())
    site.answers["/b.xml"] = Answer(sitemap(entry(2), entry(3)).encode())
    listing, validators = listed(site)
    assert sorted(item.link[-1] for item in listing.items) == ["1", "2", "3"]
    assert validators[0] == '"1"'


def test_what_may_change_behind_an_index_is_not_hidden_by_its_validators(site: LocalSite) -> None:
    serve(site, ("a", NEWS), ("b", ""))
    site.answers["/a.xml"] = site.answers["/b.xml"] = Answer(sitemap(entry(1)).encode())
    assert listed(site)[1] == Validators()


def test_a_sitemap_that_is_missing_harms_no_other_and_is_asked_for_again(site: LocalSite) -> None:
    serve(site, ("a", NEWS), ("b", NEWS))
    site.answers["/b.xml"] = Answer(sitemap(entry(1)).encode())
    listing, validators = listed(site)
    assert len(listing.items) == 1
    assert validators == Validators()


def test_an_index_none_of_whose_sitemaps_can_be_read_lists_nothing(site: LocalSite) -> None:
    serve(site, ("a", NEWS))
    site.answers["/a.xml"] = Answer(b"<html/>")
    with pytest.raises(FeedError):
        listed(site)
