"""What the pages name exists: files, folders, and the targets of make."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "services").glob("*/README.md")),
    *sorted((ROOT / "deploy").glob("*/README.md")),
]
PATH = re.compile(r"`((?:services|deploy|tests|docs|benchmarks)/[\w./-]*)[`:]")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_link_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [ROOT / path for path in PATH.findall(text)]
    linked = [page.parent / link for link in LINK.findall(text)]
    assert not [str(path) for path in (*named, *linked) if not path.exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_of_make_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets


def test_the_walk_of_an_article_names_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for service, walk in re.findall(
        r"\*\*\w+\*\* \(`services/(\w+)`\)\n(.*?)(?=\n\*\*|\n## )", text, re.S
    ):
        for file in re.findall(r"`([\w/]+\.py)[`:]", walk):
            assert (ROOT / "services" / service / file).is_file(), f"{service}: {file}"
