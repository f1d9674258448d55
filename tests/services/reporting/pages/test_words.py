"""All that a page says is in one catalogue, and no template has a text, a style or a script of its own."""

import re
from pathlib import Path

from projections.view import LEVELS
from services.reporting import pages
from services.reporting.pages.looks import words

TEMPLATES = sorted((Path(pages.__file__).parent / "templates").glob("*.html"))


def test_templates_have_no_texts_styles_or_scripts() -> None:
    assert TEMPLATES
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"[\u4e00-\u9fff]", text), template.name
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|://", text), template.name


def test_every_word_of_the_catalogue_is_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(pages.__file__).parent.rglob("*")
        if path.suffix in (".html", ".py")
    )
    unused = [
        f"{section}.{name}"
        for section, said in words().items()
        if isinstance(said, dict) and section not in ("expected", "ask", "refused")
        for name in said
        if name not in LEVELS or section != "views"
        if f"w.{section}.{name}" not in code
        and f'["{section}"]["{name}"]' not in code
        and f'"{name}"]' not in code
    ]
    assert unused == []


def test_the_stylesheet_asks_nothing_of_newer_browsers() -> None:
    style = (Path(pages.__file__).parent / "style.css").read_text(encoding="utf-8")
    for newer in (":has(", "@layer", "color-mix", "@container", "@import", "url(", "&:"):
        assert newer not in style, newer
