"""A rehearsal as it could have been: made of numbers, without a cloud."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.rehearsal.account import make_account
from tidegate_cli.rehearsal.cdk import Ran
from tidegate_cli.rehearsal.records import MODEL_ERROR, OK, Record
from tidegate_cli.rehearsal.result import Check, ModelFacts, Rehearsal, Span, attribute
from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence

EPOCH0 = 1_800_000_000.0
SCALE = 60.0
PLAN: Mapping[str, Any] = {
    "steps": [
        {"weight_percent": percent, "min_bake_seconds": 300, "max_bake_seconds": 3600, "min_requests": 100}
        for percent in (5, 25, 50, 100)
    ],
    "watch": {"min_bake_seconds": 300, "max_bake_seconds": 1800, "min_requests": 100},
    "alpha": 0.01,
}
CONFIG = JudgeConfig(
    signals=(
        Signal(name="5xx", metric="Invocation5XXErrors"),
        Signal(name="model_errors", metric="InvocationModelErrors"),
    ),
    alpha=0.01,
    alpha_promote=0.05,
    promote_margin=1.5,
)


class _Pretender:
    """Makes a rollout's log and records minute by minute, with the real judge."""

    def __init__(self, version: str, before: str, started: float, error_rate: float) -> None:
        self.version, self.before, self.error_rate = version, before, error_rate
        self.started = self.now = started
        self.random = random.Random(version)
        self.log: list[LogEntry] = []
        self.records: list[Record] = []
        self.evidence = Evidence.empty(CONFIG)

    def say(self, kind: str, **body: Any) -> None:
        self.log.append(LogEntry(kind=kind, at=self.now, body=body))

    def minute(self, share: float) -> tuple[Counts, Counts]:
        bad = {"live": 0, "candidate": 0}
        total = {"live": 0, "candidate": 0}
        for index in range(200):
            variant = "candidate" if self.random.random() < share else "live"
            failed = variant == "candidate" and self.random.random() < self.error_rate
            total[variant] += 1
            bad[variant] += failed
            self.records.append(
                Record(
                    at=EPOCH0 + (self.now + 60 * index / 200 - EPOCH0) / SCALE,
                    milliseconds=4.0,
                    outcome=MODEL_ERROR if failed else OK,
                    variant=variant,
                    version="-" if failed else (self.version if variant == "candidate" else self.before),
                    right=not failed,
                )
            )
        self.now += 60
        counts = [
            Counts(requests=total[v], bad={"5xx": bad[v], "model_errors": bad[v]})
            for v in ("live", "candidate")
        ]
        return counts[0], counts[1]

    def step(self, index: int, percent: int) -> str:
        self.say("SHIFTED", step=index, weight_percent=percent)
        self.evidence = self.evidence.begin_step()
        need = Requirement(min_requests=100, min_seconds=300, max_seconds=3600, bucket_seconds=60)
        while True:
            start = int(self.now)
            live, candidate = self.minute(percent / 100)
            self.evidence = self.evidence.add(Bucket(start=start, seconds=60, live=live, candidate=candidate))
            last = percent == 100
            judged = assess(
                self.evidence, CONFIG, need, compare="absolute" if last else "relative", promotion=last
            )
            signals = [{f: getattr(s, f) for f in s.__dataclass_fields__} for s in judged.signals]
            self.say(
                "JUDGED",
                verdict=judged.verdict.value,
                reason=judged.reason,
                step=index,
                weight_percent=percent,
                phase="BAKING",
                signals=signals,
            )
            if judged.verdict.value != "CONTINUE":
                return judged.verdict.value

    def play(self) -> Run:
        self.say("STARTED")
        for _ in range(6):
            self.minute(0)
        verdict = "PASS"
        for index, percent in enumerate((5, 25, 50, 100)):
            verdict = self.step(index, percent)
            if verdict != "PASS":
                break
        reason = str(self.log[-1].body["reason"])
        if verdict == "PASS":
            self.now += 320
            self.say("PROMOTED")
            self.now += 400
        else:
            self.say("ROLLBACK_REQUESTED", source="verdict", reason=reason)
            self.now += 62
            self.say(
                "WEIGHT_ZERO", seconds_since_request=62.0, seconds_refused=0.0, seconds_since_accepted=60.0
            )
            self.now += 420
        outcome = "PROMOTED" if verdict == "PASS" else "ROLLED_BACK"
        self.say("ENDED", outcome=outcome, reason=reason)
        body = {"started_at": self.started, "ended_at": self.now, "reason": reason, "phase": outcome}
        return Run(rollout_id=f"{self.version}-test", status=outcome, body=body, log=tuple(self.log))


@pytest.fixture(scope="session")
def rehearsal() -> Rehearsal:
    first = Run(
        rollout_id="v1-test",
        status="PROMOTED",
        body={
            "first": True,
            "started_at": EPOCH0 + 1500,
            "ended_at": EPOCH0 + 1530,
            "reason": "the first version",
        },
    )
    better = _Pretender("v2", "v1", EPOCH0 + 2400, 0.0)
    run2 = better.play()
    broken = _Pretender("v3", "v2", better.now + 120, 0.032)
    run3 = broken.play()
    records = better.records + broken.records
    end = EPOCH0 + (broken.now - EPOCH0) / SCALE
    counts: dict[tuple[str, str], int] = {}
    for record in records:
        counts["Invocations", record.variant] = counts.get(("Invocations", record.variant), 0) + 1
        if record.outcome != OK:
            key = ("InvocationModelErrors", record.variant)
            counts[key] = counts.get(key, 0) + 1
    return Rehearsal(
        endpoint="digits-rehearsal",
        models=(
            ModelFacts(version="v1", what="logistic regression on blocks", accuracy=0.857, failing_share=0),
            ModelFacts(version="v2", what="neural network on all pixels", accuracy=0.965, failing_share=0),
            ModelFacts(version="v3", what="v2 and a slant feature", accuracy=0.958, failing_share=0.031),
        ),
        rollouts=attribute(
            {"v1": first, "v2": run2, "v3": run3}, records, cloud_time=lambda r: EPOCH0 + (r - EPOCH0) * SCALE
        ),
        deploys=(
            Ran(what="bootstrap", began=EPOCH0 + 3, ended=EPOCH0 + 8, status=0),
            Ran(
                what="deploy digits-rehearsal-foundation digits-rehearsal-controller",
                began=EPOCH0 + 10,
                ended=EPOCH0 + 25,
                status=0,
            ),
            Ran(what="deploy digits-rehearsal-hosting", began=EPOCH0 + 27, ended=EPOCH0 + 38, status=0),
            Ran(what="deploy digits-rehearsal-hosting", began=end + 1, ended=end + 14, status=0),
            Ran(
                what="deploy digits-rehearsal-hosting",
                began=end + 15,
                ended=end + 31,
                status=1,
                told="<script>alert(1)</script>",
            ),
        ),
        spans=(Span(what="start", began=EPOCH0, ended=EPOCH0 + 2),),
        account=make_account(len(records), records, counts),
        achieved_rate=199.7,
        checks=(
            Check(what="v2 is promoted", ok=True, found="PROMOTED"),
            Check(what="each request is accounted for", ok=True, found="no difference"),
        ),
        epoch0=EPOCH0,
        scale=SCALE,
        began=EPOCH0,
        ended=end + 34,
        command="tidegate rehearse --service services/digits.yaml",
        versions={"Python": "3.11", "CDK CLI": "2.1148.1"},
        plan=PLAN,
    )
