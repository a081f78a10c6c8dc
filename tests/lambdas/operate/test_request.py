"""What an operator may ask."""

from typing import Any

import pytest

from operate.request import Request
from tidegate_runtime.errors import Rejected

ASKED = {"verb": "hold", "by": "ada", "reason": "sale"}


def test_a_request_holds_for_a_day_if_it_does_not_say() -> None:
    assert Request.from_event(ASKED).seconds == 24 * 3600


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verb": "pause"}, "verb must be one of .*promote.*, got 'pause'"),
        ({"by": " "}, "by must be a text of 1 to 1000 characters, got ' '"),
        ({"reason": "x" * 1_001}, "reason must be a text"),
        ({"reason": None}, "reason must be a text of 1 to 1000 characters, got None"),
        ({"rollout_id": 3}, "rollout_id must be a text, got 3"),
        ({"seconds": 59}, "seconds must be a whole number, 60 to 259200, got 59"),
        ({"seconds": 90.5}, "seconds must be a whole number"),
        ({"seconds": True}, "seconds must be a whole number"),
        ({"every": "yes"}, "every must be true or false, got 'yes'"),
        ({"force": True}, r"unknown fields \['force'\], allowed are"),
    ],
)
def test_rejects_a_request_that_makes_no_sense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Rejected, match=message):
        Request.from_event({**ASKED, **changes})


def test_rejects_everything_that_is_wrong_at_once() -> None:
    with pytest.raises(Rejected, match=r"verb must be.*; by must be.*; reason must be"):
        Request.from_event({})
