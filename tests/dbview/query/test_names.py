"""Which names are guessed in the place of one that there is not."""

from __future__ import annotations

import pytest

from dbview.query.names import nearest

KNOWN = ["wait", "son_min", "title", "lute_config.title", "IndexPatterns"]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("hits", []),
        ("son_mn", ["son_min"]),
        ("Sonmin", ["son_min"]),
        ("LUTE", ["lute_config.title"]),
        ("Index", ["IndexPatterns"]),
        ("tilte", ["title"]),
    ],
)
def test_a_name_is_guessed_only_where_it_is_near(text: str, near: list[str]) -> None:
    assert nearest(text, KNOWN) == near
