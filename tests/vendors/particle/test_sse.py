"""The event stream decoder, with an independent one as its oracle."""

from collections.abc import Iterable

from httpx_sse._decoders import SSEDecoder, SSELineDecoder
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.iot_clouds.vendors.particle.sse import LIMIT, Decoder, Frame

BREAKS = st.sampled_from(["\n", "\r", "\r\n"])
# Anything but line ends and a byte order mark, of which the oracle knows nothing.
TEXT = st.text(
    st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"]),
    max_size=12,
)
FIELD = st.one_of(
    st.builds("data:{}".format, TEXT),
    st.builds("data: {}".format, TEXT),
    st.builds("event: {}".format, TEXT),
    st.builds("event:{}".format, TEXT),
    st.builds(":{}".format, TEXT),
    st.builds("{}: {}".format, TEXT, TEXT),
    st.sampled_from(["", "data", "event", "id: 7", "retry: 5", "data:  two blanks"]),
)
STREAM = st.lists(st.tuples(FIELD, BREAKS), max_size=30).map(
    lambda lines: "".join(line + end for line, end in lines)
)


def oracle(stream: str) -> list[tuple[str, str]]:
    lines, events = SSELineDecoder(), SSEDecoder()
    # The standard ends a line at a CR without waiting for what follows.
    parts = [*lines.decode(stream), *lines.flush()] if stream else []
    found = [event for line in parts if (event := events.decode(line))]
    return [(event.event, event.data) for event in found if event.data]


def decode(chunks: Iterable[bytes], limit: int = LIMIT) -> list[Frame]:
    decoder = Decoder(limit)
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    starts = [0, *ends]
    return [data[start:end] for start, end in zip(starts, ends, strict=False)]


@settings(max_examples=400, deadline=None)
@given(STREAM, st.lists(st.integers(0, 10_000), max_size=20))
def test_streams_cut_anywhere_give_what_the_oracle_reads(
    stream: str, places: list[int]
) -> None:
    whole = stream + "\n\n"
    frames = decode(cut(whole.encode(), places))
    assert [(frame.name or "message", frame.data) for frame in frames] == oracle(whole)


PIECE = st.one_of(
    st.builds("event: {}\ndata: {}\n\n".format, TEXT, TEXT),
    st.builds("event: {}\r\ndata: {}\r\n\r\n".format, TEXT, TEXT),
    STREAM,
    TEXT,
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECE, max_size=8))
def test_pieces_that_are_whole_events_give_what_the_oracle_reads(
    pieces: list[str],
) -> None:
    pieces.append("\n\n")
    frames = decode(piece.encode() for piece in pieces)
    found = [(frame.name or "message", frame.data) for frame in frames]
    assert found == oracle("".join(pieces))


@settings(max_examples=100, deadline=None)
@given(STREAM)
def test_single_bytes_give_what_one_piece_gives(stream: str) -> None:
    data = stream.encode()
    assert decode(bytes([byte]) for byte in data) == decode([data])


def test_the_documented_opening_and_event_are_read() -> None:
    stream = b':ok\n\n\nevent: temperature\ndata: {"data":"25.34"}\n\n'
    assert decode([stream]) == [Frame("temperature", '{"data":"25.34"}')]


def test_a_block_without_event_line_has_no_name_and_an_empty_one_has_an_empty_name() -> (
    None
):
    assert decode([b"data: 1\n\nevent:\ndata: 2\n\n"]) == [
        Frame(None, "1"),
        Frame("", "2"),
    ]


def test_an_event_without_data_is_none() -> None:
    assert decode([b"event: a\n\nevent: b\ndata:\n\n"]) == []


def test_a_line_end_cut_in_two_is_one_line_end() -> None:
    assert decode([b"event: a\r", b"\ndata: 1\r", b"\n\r", b"\n"]) == [Frame("a", "1")]


def test_an_event_that_ends_with_cr_is_not_held_back() -> None:
    assert Decoder().feed(b"event: a\rdata: 1\r\r") == [Frame("a", "1")]


def test_a_character_cut_in_two_is_whole_and_a_broken_one_is_marked() -> None:
    euro = "€".encode()
    chunks = [b"event: a\ndata: " + euro[:1], euro[1:] + b"\xff\n\n"]
    assert decode(chunks) == [Frame("a", "€\ufffd")]


def test_a_byte_order_mark_at_the_start_is_skipped() -> None:
    stream = b"\xef\xbb\xbfevent: a\ndata: 1\n\n"
    assert decode([stream[:2], stream[2:]]) == [Frame("a", "1")]
    later = [b"event: a\ndata: 1\n\n", stream]
    assert decode(later) == [Frame("a", "1"), Frame(None, "1")]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_over_the_limit_costs_its_own_event_only(size: int) -> None:
    stream = (
        b"event: a\ndata: 1\n\n"
        b"event: b\ndata: " + b"x" * 200 + b"\ndata: 2\n\n"
        b"event: c\ndata: 3\n\n"
    )
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]
    assert decode(chunks, limit=100) == [Frame("a", "1"), Frame("c", "3")]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(("length", "fits"), [(94, True), (95, False), (300, False)])
def test_an_event_of_just_the_limit_is_whole_and_a_longer_one_is_none(
    size: int, length: int, fits: bool
) -> None:
    stream = b"\ndata: " + b"x" * length + b"\n\n"
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]
    found = decode(chunks, limit=100)
    assert found == ([Frame(None, "x" * length)] if fits else [])


def test_many_short_lines_over_the_limit_cost_their_event_only() -> None:
    stream = b"event: a\n" + b"data: 12345\n" * 20 + b"\nevent: c\ndata: 3\n\n"
    assert decode([stream], limit=100) == [Frame("c", "3")]


def test_comments_never_count_towards_an_event() -> None:
    stream = b"event: a\n" + b":" + b"x" * 500 + b"\n" + b":ok\n" * 90 + b"data: 1\n\n"
    assert decode([stream], limit=100) == [Frame("a", "1")]


def test_the_limit_is_256_kilobytes() -> None:
    fits = b"event: a\ndata: " + b"x" * (256 * 1024 - 20) + b"\n\n"
    exceeds = b"event: a\ndata: " + b"x" * (256 * 1024) + b"\n\n"
    assert len(decode([fits])) == 1
    assert decode([exceeds]) == []
    assert len(decode([fits, fits])) == 2
    assert len(decode([fits, exceeds])) == 1
    dropped: list[None] = []
    decoder = Decoder(dropped=lambda: dropped.append(None))
    assert decoder.feed(exceeds * 2 + fits) == decode([fits])
    assert len(dropped) == 2


def test_an_endless_line_takes_no_memory_beyond_the_limit() -> None:
    decoder = Decoder()
    for _ in range(5_000):
        decoder.feed(b"x" * 100)
    assert len(decoder._line) <= 256 * 1024 + 1
