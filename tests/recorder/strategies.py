"""What hypothesis makes up: names, values and parameters as badly as they come."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any

from hypothesis import strategies as st

# Lone surrogates and NUL included: a file name or a summary may hold them.
texts = st.text(st.characters(codec=None, categories=None), max_size=20)
awkward_names = st.one_of(
    texts,
    st.sampled_from(
        [
            *("", "id", "ID", "timestamp", "valid_flag", "gen_cfg_id", "result.task_status", "rowid", "select", "a b"),
            *("a[0]", "a[0][1].b", "a.b", "a[٣]", "a[999999999]", 'say "hi"', "~", "~1", "a~1", "~u0041", "$list"),
            *("$dict", "x", "X", "É", "é", "[/x]", "\x00", "\ud800", "_rec_surplus", "pressio:abs", "x;y", "%s", "?1"),
        ]
    ),
)

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**63) - 1, 10**500, -(10**1000)]),
    st.floats(),
    texts,
    st.binary(max_size=20),
    st.complex_numbers(),
    st.decimals(),
    st.uuids(),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC])),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.lists(st.sampled_from("abc/.\udcff"), min_size=1).map(lambda parts: pathlib.PurePosixPath("/".join(parts))),
)

hashable: st.SearchStrategy[Any] = st.one_of(st.booleans(), st.integers(), texts, st.none())

values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(scalars, st.sets(st.integers(), max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(awkward_names, inner, max_size=4),
        st.dictionaries(hashable, inner, max_size=3),
    ),
    max_leaves=12,
)

parameters = st.dictionaries(awkward_names, values, max_size=6)

stored_values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.binary(max_size=12),
    st.from_regex(r"\s?[+-]?[0-9]{1,22}(\.[0-9]{0,3})?(e[+-]?[0-9]{1,3})?\s?", fullmatch=True),
)
