"""What `make docs` adds to MkDocs, as hooks that mkdocs.yml names."""

import logging
import re
from pathlib import Path
from typing import Any

# Something a page would load by itself from another place.
_SOURCE = r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
_LINK = r"<link\b(?![^>]*rel=[\"']?canonical)[^>]*\bhref=[\"']?(?:https?:)?//"
_FOREIGN = re.compile(f"{_SOURCE}|{_LINK}")
_log = logging.getLogger("mkdocs.hooks.site")  # with --strict a warning fails the build


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Show what lies outside of docs/, and so not on the site, by its name alone."""
    out = page.file.src_uri.count("/") + 1
    return re.sub(rf"\[([^\]]+)\]\((?:\.\./){{{out},}}[^)]*\)", r"\1", markdown)


def on_post_build(config: dict, **_: object) -> None:
    """Warn of every page that would ask the network when it is opened."""
    for page in sorted(Path(config["site_dir"]).rglob("*.html")):
        for found in _FOREIGN.findall(page.read_text()):
            _log.warning("%s loads something from elsewhere: %s", page.name, found)
