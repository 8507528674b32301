"""Every proposal becomes a definition that shows what was proposed."""

from datetime import UTC, datetime

from hypothesis import given, settings, strategies as st

from custom_components.iot_clouds.mapping_flow import making, trying
from custom_components.iot_clouds.mapping_flow.draft import Draft
from custom_components.iot_clouds.mappings import SHAPES
from custom_components.iot_clouds.mappings.proposals import propose

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["on", "off", "open", "21.5 °C", "2026-11-20T12:00:00Z", "0"])
)
_KEYS = st.text(max_size=6) | st.sampled_from(["temp", "hum", "lat", "lon", "door"])
PAYLOADS = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
SOURCE = {"point": "variable/x"}


@settings(deadline=None)
@given(PAYLOADS, _KEYS)
def test_a_proposal_is_kept_as_it_was_shown(payload, name):
    for proposal in propose(payload, name):
        document = making.document_of(proposal, dict(SOURCE))
        draft = Draft(device="board", name=proposal.name, document=document)
        definition = draft.definition()
        assert trying.shown(definition, payload) == proposal.shown


@settings(deadline=None)
@given(PAYLOADS, _KEYS, st.sampled_from(sorted(SHAPES)))
def test_whatever_is_made_begins_with_something_that_can_be_kept(
    payload, name, platform
):
    shape = SHAPES[platform]
    proposal = making.fitting(propose(payload, name), shape)
    if proposal is None:
        return
    source = {"event": "x"} if platform == "event" else SOURCE
    draft = Draft(device="board", name="X", document={"platform": platform})
    draft.document |= making.begun(proposal, shape, dict(source))
    if shape.options:
        draft.put("options", ["a"])
    assert draft.fault() is None


def test_what_is_none_of_the_options_is_shown_as_no_state():
    document = {
        "platform": "select",
        "state": {"source": SOURCE, "map": {"0": "Off", "1": "Eco"}},
        "options": ["Off"],
        "commands": {"set": {"call": {"function": "mode", "argument": "{value}"}}},
    }
    select = Draft(device="board", name="Mode", document=document).definition()

    assert trying.shown(select, 0) == "Off"
    assert trying.shown(select, 1) is None
    assert trying.shown(select, 2) is None


def test_a_state_is_spoken_as_home_assistant_has_it():
    assert making.spoken("x" * 300) == "x" * 255
    moment = datetime(2026, 11, 20, 12, 0, 0, 500000, tzinfo=UTC)
    assert making.spoken(moment) == "2026-11-20T12:00:00+00:00"
