"""What an operator asks after a rollout: what there was, and why."""

import json
from pathlib import Path

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_a_rollout_is_listed_and_its_judgements_come_out_again_from_the_ledger(
    world: World, tmp_path: Path
) -> None:
    with world.traffic():
        run = world.wait_for_end(world.roll_out(failing_percent=60))
    (newest,) = json.loads(world.tidegate("history", "--limit", "1", "--json").stdout)
    assert (newest["rollout_id"], newest["outcome"]) == (run.rollout_id, "ROLLED_BACK")
    assert newest["served"]["requests"] >= newest["served"]["bad"]["model_errors"] > 0

    page = tmp_path / "why.html"
    done = world.tidegate("explain", "--json", "--html", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["rollout_id"] == run.rollout_id
    assert told["plan"] == "the rollout's own record"
    assert told["judged_again"] == [entry.kind for entry in run.log].count("JUDGED") > 0
    assert (told["differences"], told["notes"]) == ([], [])
    assert told["lineage"]["approval"] == "Approved"
    assert max(point["log10_e"] for point in told["points"]) > 0
    assert page.read_text().rstrip().endswith("</html>")

    watched = world.tidegate("status", "--watch")
    assert watched.returncode == 7
    assert "ROLLED_BACK" in watched.stdout
