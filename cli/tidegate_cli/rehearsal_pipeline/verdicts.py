"""What had to be true after each part."""

from collections.abc import Mapping, Sequence
from typing import Final

from tidegate_cli.rehearsal.result import Check
from tidegate_cli.rehearsal_pipeline.commits import ENVIRONMENTS
from tidegate_cli.rehearsal_pipeline.executions import CANCELLED, FAILED, SUCCEEDED, ExecutionTold

_FORBIDS: Final = "test_every_new_version_begins_with_a_small_share_of_the_traffic"
_GATE: Final = "staging-validate"
Answers = Mapping[str, str]


def about_mutation(
    executions: Sequence[ExecutionTold], *, revision: str, before: int, structure: tuple[int, Sequence[str]]
) -> list[Check]:
    """Return whether a commit changed the pipeline, which began again and deployed.

    Args:
        executions: Those since the commit, oldest first.
        revision: The commit.
        before: Version of the pipeline before it.
        structure: Version and stages after it.

    """
    first, last, (version, stages) = executions[0], executions[-1], structure
    statuses = [each.status for each in executions]
    deployed = [each.name for each in last.actions if each.name.endswith("-hosting.Deploy")]
    return [
        Check(
            what="the upload started the pipeline",
            ok=first.trigger == "CloudWatchEvent" and first.revision == revision,
            found=f"started by {first.trigger}, with the commit's revision",
        ),
        Check(
            what="the pipeline updated itself once and started again",
            ok=statuses == [CANCELLED, SUCCEEDED] and version == before + 1 and last.revision == revision,
            found=f"executions {', '.join(statuses)}; version {before} became {version}",
        ),
        Check(
            what="every environment was deployed",
            ok=len(deployed) == len(ENVIRONMENTS) and set(ENVIRONMENTS) <= set(stages),
            found=f"stages {', '.join(stages)}",
        ),
    ]


def about_first_version(answers: Answers, models: Sequence[ExecutionTold]) -> list[Check]:
    """Return whether v1 answers everywhere, although no approval had promoted it before a release."""
    early = [each for each in models if each.action("staging-register") is not None]
    return [
        _answering(answers, dict.fromkeys(answers, "v1")),
        Check(
            what="no model was promoted before the first release",
            ok=not early,
            found=f"{len(models)} executions of the model pipeline, none beyond its source",
        ),
    ]


def about_promotion(execution: ExecutionTold, answers: Answers, *, asked: Sequence[str]) -> list[Check]:
    """Return whether one approval went through each environment's rollout."""
    followed = {name: execution.action(f"{name}-follow") for name in ENVIRONMENTS}
    done = [name for name, action in followed.items() if action is not None and action.status == SUCCEEDED]
    evidence = any("accuracy" in text for text in asked)
    return [
        Check(
            what="a rollout in each environment",
            ok=done == list(ENVIRONMENTS),
            found=f"followed in {', '.join(done)}",
        ),
        Check(
            what="production was asked for, with the evidence",
            ok=len(asked) == 1 and evidence,
            found=asked[0].replace("\n", " | ") if asked else "nobody was asked",
        ),
        _answering(answers, dict.fromkeys(answers, "v2")),
    ]


def about_bad_commit(execution: ExecutionTold, log: Sequence[str]) -> list[Check]:
    """Return whether a failing test stopped a commit before anything of it was used."""
    failed = execution.failed
    stages = list(dict.fromkeys(action.stage for action in execution.actions))
    named = any(_FORBIDS in line for line in log)
    return [
        Check(
            what="its own tests stopped it",
            ok=execution.status == FAILED and failed is not None and failed.name == "Synth" and named,
            found=f"{_FORBIDS} failed" if named else f"the execution is {execution.status}",
        ),
        Check(
            what="nothing of it was deployed",
            ok=stages == ["Source", "Build"],
            found=f"it came as far as {stages[-1] if stages else 'nowhere'}",
        ),
    ]


def about_bad_model(execution: ExecutionTold, answers: Answers) -> list[Check]:
    """Return whether the gate kept a worse version out of staging and production."""
    failed, wanted = execution.failed, dict.fromkeys(answers, "v2")
    wanted["digits-dev"] = "v3"
    return [
        Check(
            what="its gate stopped it",
            ok=execution.status == FAILED and failed is not None and failed.name == _GATE,
            found=failed.told if failed is not None else f"the execution is {execution.status}",
        ),
        Check(
            what="production was not asked for",
            ok=execution.action("prod-register") is None,
            found="no action of production ran",
        ),
        _answering(answers, wanted),
    ]


def _answering(answers: Answers, wanted: Answers) -> Check:
    told = ", ".join(f"{endpoint} {version}" for endpoint, version in answers.items())
    return Check(what="the versions that answer", ok=dict(answers) == dict(wanted), found=told)
