"""How a message is signed, and when one that was not taken is tried again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerting.attempt import Attempt, Outcome, Patience, next_wait
from services.alerting.webhook import SecretError, key_of, signature

AWAY = Attempt(Outcome.AWAY, 503, "answered")


def test_the_signature_is_that_of_the_specifications_example() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    message: Any = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signature(key, message, 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "geheim", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(SecretError):
        key_of(secret)


@given(st.integers(1, 35), st.floats(0, 1))
def test_each_wait_is_twice_the_one_before_and_up_to_half_shorter(tries: int, chance: float) -> None:
    patience = Patience()
    whole = min(timedelta(seconds=5 * 2 ** (tries - 1)), timedelta(hours=1))
    wait = next_wait(patience, AWAY, tries, chance)
    assert wait is not None
    assert whole / 2 <= wait <= whole


def test_after_the_last_attempt_and_for_whoever_is_gone_there_is_no_other() -> None:
    assert next_wait(Patience(tries=3), AWAY, 2, 0) == timedelta(seconds=10)
    assert next_wait(Patience(tries=3), AWAY, 3, 0) is None
    assert next_wait(Patience(), Attempt(Outcome.GONE, 410, "gone"), 1, 0) is None
