"""The pages of the documentation, as their readers and these tests find them."""

from dataclasses import dataclass
from pathlib import Path
import re
import textwrap

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: where its fence stands, what it is said to be, and its text."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def id(self) -> str:
        """Where it stands, for people."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            language=found[2],
            text=textwrap.dedent(found[3]),
        )
        for found in FENCE.finditer(text)
    ]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path, level: int) -> list[str]:
    """The headings of one level, from top to bottom."""
    return [text for marks, text in HEADING.findall(prose(page)) if len(marks) == level]


def section(page: Path, heading: str) -> str:
    """What stands below a heading of the second level."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)",
        page.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    assert found, f"{page.name} has no section {heading}"
    return found[1]


def anchors(page: Path) -> set[str]:
    """What links to parts of a page can name, by the rules of GitHub."""
    return {
        re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        for _, text in HEADING.findall(prose(page))
    }
