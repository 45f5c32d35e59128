"""What the sample site has to say: the outlets and their articles, read from files and checked.

An article is a text file: YAML front matter between ``---`` lines, ``# the title``, and paragraphs
separated by blank lines, of which those that begin with ``## `` are subheadings.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

HERE = Path(__file__).parent

Words = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Record(BaseModel):
    """Base of what is read from the files: immutable, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(Record):
    """The words that a page carries around an article, in one language."""

    direction: Literal["rtl", "ltr"]
    home: Words
    menu: tuple[Words, ...]
    search: Words
    shares: tuple[Words, Words, Words]
    share_on: tuple[Words, ...]
    related: Words
    read_also: Words
    most_read: Words
    author: Words
    author_text: Words
    newsletter: Words
    newsletter_text: Words
    subscribe: Words
    comments: Words
    comment: Words
    leave_comment: Words
    tags: Words
    published: Words
    sample: Words
    rights: Words
    months: Annotated[tuple[Words, ...], Field(min_length=12, max_length=12)]


class Outlet(Record):
    """A fictional outlet and its habits; ``outlets.yaml`` explains the fields."""

    id: Id
    name: Words
    tagline: Words
    language: Words
    template: Words
    charset: Literal["utf-8", "windows-1256"]
    feed: Literal["rss", "atom"]
    feed_text: Literal["summary", "full"]
    page_date: Literal["json-ld", "meta", "time", "none"]
    tracking: bool
    article_path: Words


class Edit(Record):
    """A change of wording: ``old`` occurs exactly once in what is edited."""

    old: Words
    new: str


class Revision(Record):
    """A correction that readers see from an edition on. Without a title the old one stays."""

    edition: Annotated[int, Field(ge=2)]
    title: Words | None = None
    edits: tuple[Edit, ...] = ()


class FrontMatter(Record):
    """What an article's file says about it.

    ``hours_before``: how long before the start of the site it was published. ``edition``: the
    edition of its outlet's feed that shows it first. ``copy_of``: the article whose paragraphs,
    changed by ``edits``, are this one's.
    """

    slug: Id
    outlet: Id
    language: Literal["ar", "en", "fr", "it", "tr"]
    section: Words
    byline: Words
    hours_before: Annotated[float, Field(gt=0, lt=240)]
    edition: Annotated[int, Field(ge=1)] = 1
    copy_of: Id | None = None
    edits: tuple[Edit, ...] = ()
    revisions: tuple[Revision, ...] = ()


class Version(Record):
    """The wording of an article from an edition of its outlet on."""

    edition: int
    title: Words
    paragraphs: Annotated[tuple[Words, ...], Field(min_length=1)]


class Article(Record):
    """An article with all its versions, oldest first. ``number`` is what a CMS counts."""

    about: FrontMatter
    number: int
    versions: Annotated[tuple[Version, ...], Field(min_length=1)]

    @property
    def slug(self) -> str:
        """The name of the article on its site, unique in the newsroom."""
        return self.about.slug

    @property
    def first(self) -> Version:
        """What was published first."""
        return self.versions[0]

    @property
    def last(self) -> Version:
        """What stands when all corrections are made."""
        return self.versions[-1]

    def version(self, edition: int) -> Version | None:
        """Return what readers of that edition see, None when it is not out yet."""
        seen = [version for version in self.versions if version.edition <= edition]
        return seen[-1] if seen else None


class Newsroom(Record):
    """All outlets by id, all articles by slug, and the labels by language."""

    outlets: dict[str, Outlet]
    articles: dict[str, Article]
    labels: dict[str, Labels]

    def articles_of(self, outlet: Outlet, edition: int) -> tuple[Article, ...]:
        """Return what that edition of the outlet shows, newest first."""
        shown = [
            article
            for article in self.articles.values()
            if article.about.outlet == outlet.id and article.version(edition)
        ]
        return tuple(sorted(shown, key=lambda article: article.about.hours_before))

    def last_edition(self, outlet: Outlet) -> int:
        """Return the edition after which the outlet's feed stays as it is."""
        own = [article for article in self.articles.values() if article.about.outlet == outlet.id]
        return max((article.last.edition for article in own), default=1)


@cache
def load() -> Newsroom:
    """Read the bundled outlets and articles.

    Raises ValueError (pydantic's ValidationError is one) that names the file with the mistake.
    """
    outlets = [Outlet(**entry) for entry in read_yaml("outlets.yaml")]
    labels = {tag: Labels(**entry) for tag, entry in read_yaml("labels.yaml").items()}
    files = [parse(path) for path in sorted((HERE / "articles").glob("*.md"))]
    return Newsroom(
        outlets={outlet.id: outlet for outlet in outlets},
        articles=assemble(files),
        labels=labels,
    )


def read_yaml(name: str) -> Any:
    """Read one of the bundled YAML files."""
    return yaml.safe_load((HERE / name).read_text("utf-8"))


def parse(path: Path) -> tuple[FrontMatter, str, tuple[str, ...]]:
    """Return the front matter, the title and the paragraphs of an article's file."""
    try:
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        about = FrontMatter(**yaml.safe_load(head))
        title, *paragraphs = [" ".join(part.split()) for part in body.strip().split("\n\n")]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if about.slug != path.stem or not title.startswith("# "):
        raise ValueError(f"{path.name}: the slug is the file's name, and '# title' comes first")
    return about, title.removeprefix("# "), tuple(paragraphs)


def assemble(files: Iterable[tuple[FrontMatter, str, tuple[str, ...]]]) -> dict[str, Article]:
    """Number the articles and work out what their copies and corrections say."""
    by_slug = {about.slug: (about, title, paragraphs) for about, title, paragraphs in files}
    articles = {}
    for number, (about, title, paragraphs) in enumerate(by_slug.values(), start=1001):
        if about.copy_of:
            paragraphs = edited(by_slug[about.copy_of][2], about.edits) + paragraphs
        versions = [Version(edition=about.edition, title=title, paragraphs=paragraphs)]
        for revision in about.revisions:
            before = versions[-1]
            versions.append(
                Version(
                    edition=revision.edition,
                    title=revision.title or before.title,
                    paragraphs=edited(before.paragraphs, revision.edits),
                )
            )
        articles[about.slug] = Article(about=about, number=number, versions=tuple(versions))
    return articles


def edited(paragraphs: tuple[str, ...], edits: Iterable[Edit]) -> tuple[str, ...]:
    """Return the paragraphs with the changes made; raises ValueError unless each fits once."""
    text = "\n\n".join(paragraphs)
    for edit in edits:
        if text.count(edit.old) != 1:
            raise ValueError(f"{text.count(edit.old)} places for the edit of {edit.old!r}, not 1")
        text = text.replace(edit.old, edit.new)
    return tuple(text.split("\n\n"))
