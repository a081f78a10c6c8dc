"""The result for programs."""

import json

from tidegate_cli.rehearsal.document import document_of
from tidegate_cli.rehearsal.result import Rehearsal


def test_the_document_holds_what_the_table_says(rehearsal: Rehearsal) -> None:
    document = json.loads(json.dumps(document_of(rehearsal), allow_nan=False))
    assert document["passed"] is True
    assert [one["outcome"] for one in document["rollouts"]] == ["PROMOTED", "PROMOTED", "ROLLED_BACK"]
    assert document["rollouts"][1]["seconds_to_weight_zero"] is None
    assert all(check["holds"] for check in document["checks"])


def test_durations_are_told_in_real_seconds(rehearsal: Rehearsal) -> None:
    stopped = document_of(rehearsal)["rollouts"][2]
    assert stopped["seconds_to_weight_zero"] == 62 / rehearsal.scale
    assert stopped["seconds_since_accepted"] == 60 / rehearsal.scale
