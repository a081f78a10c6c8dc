"""The validation gate is called twice, dies after any call and loses answers: it ends the same, and clean."""

from tests.lambdas.fakes.validating import GatedPipeline, assert_clean
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Transient

CANDIDATE, LIVE = package(2), package(1)


def test_a_call_that_dies_after_any_of_its_calls_starts_nothing_twice_and_ends_the_same() -> None:
    wanted = GatedPipeline()
    verdict = wanted.run()
    for number in range(1, wanted.world.faults.calls + 1):
        pipeline = GatedPipeline()
        pipeline.world.faults.crash_at = number
        assert pipeline.run().summary == verdict.summary, number
        assert len(pipeline.transforms.asked) == 2, number
        assert_clean(pipeline)


def test_a_failing_gate_that_dies_after_any_of_its_calls_fails_the_same_and_leaves_nothing() -> None:
    def failing() -> GatedPipeline:
        pipeline = GatedPipeline()
        pipeline.transforms.fails, pipeline.transforms.never = {LIVE}, {CANDIDATE}
        return pipeline

    wanted = failing()
    verdict = wanted.run()
    for number in range(1, wanted.world.faults.calls + 1):
        pipeline = failing()
        pipeline.world.faults.crash_at = number
        assert pipeline.run().summary == verdict.summary, number
        assert_clean(pipeline)


def test_an_answer_of_aws_that_is_lost_starts_nothing_twice() -> None:
    names = ("ssm.read", "registry.containers", "s3.write", "s3.read", "models.create", "models.delete")
    for name in (*names, "sagemaker.start", "sagemaker.describe"):
        pipeline = GatedPipeline()
        pipeline.world.faults.after[name] = [Transient("time-out"), Transient("time-out")]
        assert pipeline.run().kind == "done", name
        assert len(pipeline.transforms.asked) == 2, name
        assert_clean(pipeline)


def test_an_event_that_comes_twice_at_once_starts_nothing_twice() -> None:
    wanted = GatedPipeline()
    wanted.call_once("job-1-0")
    for number in range(1, wanted.world.faults.calls + 1):
        pipeline = GatedPipeline()
        pipeline.world.faults.interrupt_at = number
        pipeline.world.interrupt = lambda pipeline=pipeline: pipeline.call_once("job-1-0")  # type: ignore[misc]
        assert pipeline.run().kind == "done", number
        assert len(pipeline.transforms.asked) == 2, number
        assert_clean(pipeline)
