"""Finds a JDK that both servers accept; the first `java` on the PATH is often too old."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.config import StackError

NEEDED_VERSION = 21  # Elasticsearch 9; Kafka 4 asks for 17
NEEDED_MODULES = frozenset({"jdk.attach"})  # what a JRE lacks and Elasticsearch loads at start

_USUAL_PLACES = (
    (Path("/usr/lib/jvm"), "*"),
    (Path("/usr/java"), "*"),
    (Path("/opt"), "*jdk*"),
    (Path("/Library/Java/JavaVirtualMachines"), "*/Contents/Home"),
    (Path("/opt/homebrew/opt"), "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    (Path("/usr/local/opt"), "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    (Path("/home/linuxbrew/.linuxbrew/opt"), "openjdk*"),
    (Path("~/.sdkman/candidates/java"), "*"),
    (Path("~/.jdks"), "*"),
)


@dataclass(frozen=True)
class Java:
    """An installed Java. ``version`` is None when it is older than 9 or does not run."""

    home: Path
    version: int | None
    modules: frozenset[str]

    @property
    def fits(self) -> bool:
        """Whether both servers run on it."""
        return (self.version or 0) >= NEEDED_VERSION and self.modules >= NEEDED_MODULES

    def __str__(self) -> str:
        if self.version is None:
            return f"{self.home} (not a Java 9 or newer)"
        kind = "JDK" if self.modules >= NEEDED_MODULES else "JRE, without the module jdk.attach"
        return f"{self.home} (version {self.version}, {kind})"


def find_jdk(java_home: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the home of the first JDK that fits.

    ``java_home`` (RASID_JAVA_HOME) is a decision: if given, nothing else is looked at.
    Raises StackError that lists what was found.
    """
    candidates = [java_home] if java_home else _candidates(environ)
    return choose((inspect(home) for home in candidates), decided=java_home is not None)


def choose(found: Iterable[Java], *, decided: bool) -> Path:
    """Return the home of the first of ``found`` that fits; raises StackError if none does."""
    unfit = []
    for java in found:
        if java.fits:
            return java.home
        unfit.append(f"  {java}")
    advice = (
        "Install one (Debian: apt install openjdk-21-jdk-headless or temurin-25-jdk; "
        "macOS: brew install openjdk@21; sdk install java 21-tem) or name it with RASID_JAVA_HOME."
    )
    if decided:
        advice = "RASID_JAVA_HOME must name such a JDK; unset it to have one looked for."
    raise StackError(
        "\n".join(
            [
                f"The local stack needs a full JDK {NEEDED_VERSION} or newer. Found:",
                *(unfit or ["  no Java at all"]),
                advice,
                "With Docker none is needed: docker compose up",
            ]
        )
    )


def inspect(home: Path) -> Java:
    """Return what the Java under ``home`` is, by asking it."""
    try:
        listing = subprocess.run(
            [home / "bin" / "java", "--list-modules"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return Java(home, None, frozenset())
    return Java(home, *parse_modules(listing))


def parse_modules(listing: str) -> tuple[int | None, frozenset[str]]:
    """Return feature version and module names of the output of ``java --list-modules``.

    >>> parse_modules("java.base@25.0.3\\njdk.attach@25.0.3\\n")[0]
    25
    """
    base = re.search(r"^java\.base@(\d+)", listing, re.MULTILINE)
    modules = frozenset(line.partition("@")[0] for line in listing.split())
    return (int(base[1]) if base else None), modules


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    seen = set()
    for home in _possible_homes(environ):
        java = home / "bin" / "java"
        if java.exists() and java.resolve() not in seen:
            seen.add(java.resolve())
            yield home


def _possible_homes(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("JAVA_HOME"):
        yield Path(environ["JAVA_HOME"])
    on_path = shutil.which("java", path=environ.get("PATH"))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for root, pattern in _USUAL_PLACES:
        yield from sorted(root.expanduser().glob(pattern))
