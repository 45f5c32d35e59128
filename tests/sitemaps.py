"""Sitemaps as sites write them, of https://example.ly."""


def sitemap(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
        f"{''.join(entries)}</urlset>"
    )


def entry(number: int, date: str | None = None, news: str = "") -> str:
    modified = f"<lastmod>{date}</lastmod>" if date else ""
    return f"<url><loc>https://example.ly/{number}</loc>{modified}{news}</url>"


def index(*children: tuple[str, str]) -> str:
    listed = "".join(
        f"<sitemap><loc>https://example.ly/{name}.xml</loc>{modified}</sitemap>"
        for name, modified in children
    )
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'
    )
