"""Payloads of any shape."""

from hypothesis import strategies as st

WORDS = (
    "on off true open closed temp hum lat lon t h nan 21.5 21,5 -52dBm 007 0 1 1e5 3h"
    ' 1600000000 unit ok state battery % °C [1,2] {"a":1} 2026-07-28T16:53:05Z'
)
words = st.sampled_from(WORDS.split())
keys = st.one_of(words, st.text(max_size=8))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.integers(min_value=-1, max_value=120),
    words,
    st.text(max_size=20),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=20,
)
separators = st.sampled_from(
    [",", ";", "|", "&", " ", "\t", "\n", "=", ":", ", ", ": "]
)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(words, separators, st.text(max_size=4)), max_size=20).map(
        "".join
    ),
)
"""Any text, and texts of the parts that pairs and fields consist of."""
