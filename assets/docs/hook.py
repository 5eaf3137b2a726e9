"""What MkDocs is told besides mkdocs.yml: the pages are also read in the repository, and lead to its files."""

from __future__ import annotations

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.figpress")
ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = re.compile(r'(?P<before>\]\(|href=")(?P<to>(?:\.\./)+[^)"#\s]+)')
PICTURE = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">\s*'
    r'<img(?P<other>[^>]*?) src="(?P<light>[^"]+)"(?P<more>[^>]*)>\s*</picture>'
)
NAMED_AS_FILE = re.compile(r"\[(?P<name>[\w./-]+\.md)\]\((?P<to>[\w./-]+\.md)(?P<place>#[\w-]+)?\)")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
DIAGRAM = re.compile(r"```mermaid\n.*?```", re.DOTALL)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Bring a page that is written for the repository into the site."""
    if "```mermaid" in markdown:
        # Material would fetch a program that draws it; what is drawn of it stands beside the page.
        drawn = Path(config.docs_dir, "images", f"{Path(page.file.src_uri).stem}.svg").read_text(encoding="utf-8")
        markdown = DIAGRAM.sub(lambda _: " ".join(drawn.split()), markdown, count=1)
    markdown = PICTURE.sub(lambda picture: _both_themes(picture, page, files), markdown)
    markdown = NAMED_AS_FILE.sub(lambda link: _called_by_title(link, page, files), markdown)
    return OUTSIDE.sub(lambda link: _brought_along(link, page, config, files), markdown)


def _called_by_title(link: re.Match[str], page: Page, files: Files) -> str:
    """A link that is called by its file's name, as is usual in a repository, by the title of its page."""
    file = files.get_file_from_path(
        posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), link["to"]))
    )
    title = TITLE.search(file.content_string) if file else None
    return f"[{title[1]}]({link['to']}{link['place'] or ''})" if title else link[0]


def _both_themes(picture: re.Match[str], page: Page, files: Files) -> str:
    """A picture in both themes, of which the reader's switch shows one; the other is not loaded."""
    images = []
    for theme in ("light", "dark"):
        source = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), picture[theme]))
        if files.get_file_from_path(source) is None:
            log.warning("%s shows a picture that is not there: %s", page.file.src_uri, picture[theme])
        attributes = f'class="only-{theme}" loading="lazy"{picture["other"]}{picture["more"]}'
        images.append(f'<img {attributes} src="{_seen_from(page, source)}">')
    return "".join(images)


def _brought_along(link: re.Match[str], page: Page, config: MkDocsConfig, files: Files) -> str:
    """A link to a file of the repository that is no page: the site has its text, and of a folder the list."""
    here = posixpath.dirname(posixpath.join("docs", page.file.src_uri))
    target = posixpath.normpath(posixpath.join(here, link["to"]))
    if target.startswith("docs/") or not (ROOT / target).exists():
        return link[0]  # a page; or nothing, which MkDocs then says
    copy = f"source/{target}.txt"
    if files.get_file_from_path(copy) is None:
        files.append(File.generated(config, copy, content=_text(ROOT / target)))
    if link["before"] == 'href="':
        return link["before"] + _seen_from(page, copy)
    return link["before"] + posixpath.relpath(copy, posixpath.dirname(page.file.src_uri) or ".")


def _seen_from(page: Page, file: str) -> str:
    """The address of a file in HTML, which MkDocs leaves as it is: from where the page is in the site."""
    return posixpath.relpath(file, posixpath.dirname(page.file.dest_uri) or ".")


def _text(path: Path) -> str:
    if path.is_dir():
        return "".join(f"{file.name}\n" for file in sorted(path.iterdir()) if not file.name.startswith("__"))
    return path.read_text(encoding="utf-8")
