"""Name the signs of the filter language: operators, and what names, values and words are made of."""

from __future__ import annotations

import re

OPERATORS = ("!=", "!~", "<=", ">=", "=", "<", ">", ":", "~")
"""The operators, longest first so that the first that fits is the one meant."""

WORD = re.compile(r"[^\s()\"]+")
"""A word without quotes, and an expression."""

BARE_NAME = re.compile(r"[^\s()\"=!<>:,~]+")
"""A name without quotes."""

LIST_WORD = re.compile(r"[^\s()\",]+")
"""A value without quotes."""

PREFIX = re.compile(r"(p|env|summary)\.")
"""What a name may begin with, before quotes."""

QUOTED = re.compile(r'"((?:[^"]|"")*)"')
"""Anything in quotes."""

KEYWORDS = ("and", "or", "not")
"""Words of the language, in any letter case."""
