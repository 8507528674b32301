"""Whether a webhook does what it should, and when the user is told that it does not."""

from datetime import timedelta

import pytest

from custom_components.iot_clouds.model import Notice
from custom_components.iot_clouds.vendors.iottly.proof import Proof

from .store import START

SILENT = Notice(key="webhook_silent")
PAYLOAD_ONLY = Notice(key="webhook_payload_only")


class Time:
    """A clock and a calendar that move together."""

    def __init__(self) -> None:
        self.passed = 0.0

    def clock(self) -> float:
        return self.passed

    def now(self):
        return START + timedelta(seconds=self.passed)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def proof(time: Time) -> Proof:
    return Proof(START, clock=time.clock, now=time.now)


def test_what_is_turned_off_proves_nothing_and_needs_no_care(time):
    proof = Proof(None, clock=time.clock, now=time.now)
    proof.deliver("userdefined")
    proof.bare("userdefined")
    proof.miss(50)
    time.passed = 7200
    assert (proof.holds, proof.notices()) == (False, ())


def test_polls_rest_from_the_first_delivery_until_one_stays_away(proof):
    assert not proof.holds
    proof.deliver("userdefined")
    assert proof.holds
    proof.miss(0)
    assert proof.holds
    proof.miss(1)
    assert not proof.holds
    proof.deliver("userdefined")
    assert proof.holds


def test_what_was_proven_an_hour_ago_has_to_be_proven_again(proof, time):
    proof.deliver("userdefined")
    time.passed = 3599
    assert proof.holds
    time.passed = 3600
    assert not proof.holds


def test_the_agents_webhook_does_not_prove_the_users(proof):
    proof.deliver("iottlyagent")
    assert not proof.holds


def test_five_messages_over_a_quarter_of_an_hour_that_were_not_delivered_are_silence(
    proof, time
):
    proof.deliver("userdefined")
    proof.miss(1)
    time.passed = 899
    proof.miss(4)
    assert proof.notices() == ()
    time.passed = 900
    assert proof.notices() == (SILENT,)
    proof.deliver("userdefined")
    assert proof.notices() == ()


def test_four_messages_are_no_silence(proof, time):
    proof.deliver("userdefined")
    proof.miss(4)
    time.passed = 90_000
    assert proof.notices() == ()


def test_a_webhook_that_is_still_set_up_is_not_silent(proof, time):
    proof.miss(5)
    time.passed = 3599
    assert proof.notices() == ()
    time.passed = 3600
    assert proof.notices() == (SILENT,)


def test_payloads_alone_are_told_until_the_same_webhook_is_put_right(proof):
    proof.bare("iottlyagent")
    assert proof.notices() == (PAYLOAD_ONLY,)
    proof.deliver("userdefined")
    assert proof.notices() == (PAYLOAD_ONLY,)
    proof.deliver("iottlyagent")
    assert proof.notices() == ()
