"""The jobs of one service in one environment, as the code pipeline runs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stacks.deployment import Deployment
from stacks.fields.delivery import DeliveryPart
from stacks.fields.managed import ManagedService
from tidegate._job import Job, JobPlace, namespace
from tidegate._targets import partition_of

EXECUTION: Final = "#{codepipeline.PipelineExecutionId}"
"""How an action says the execution that it belongs to.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html

"""


def delivery_role(deployment: Deployment[ManagedService]) -> str:
    """Return the ARN of the role that jobs take in an environment."""
    partition = partition_of(deployment.environment.region)
    return f"arn:{partition}:iam::{deployment.environment.account}:role/{deployment.name}-delivery"


def place_of(deployment: Deployment[ManagedService]) -> JobPlace:
    """Return where the jobs of a deployment work."""
    return JobPlace(
        environment=deployment.environment_name,
        name=deployment.name,
        region=deployment.environment.region,
        role=delivery_role(deployment),
        pointer=deployment.pointer_parameter,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryJobs:
    """The jobs of a deployment in the code pipeline.

    Attributes:
        deployment: The service in the environment.
        pipeline: The pipeline.
        commit: How actions say the commit of an execution.

    """

    deployment: Deployment[ManagedService]
    pipeline: DeliveryPart
    commit: str

    @property
    def trains(self) -> bool:
        """Whether a model is trained here at each execution."""
        part = self.deployment.service.delivery
        if part is None or part.training is None:
            return False
        return part.train_in is None or part.train_in == self._stage

    @property
    def _stage(self) -> str:
        return self.pipeline.stage_of(self.deployment.environment_name).name

    def first(self) -> Job:
        """Return the job that hosting waits for: until there is a live version, which it brings about."""
        if self.trains:
            return self._job("first", **self._training())
        source, part = self._source(), self.deployment.service.delivery
        if source is None or part is None:
            return self._job("first", execution=EXECUTION)
        package = self._job_at(source, "first").variable("PackageArn")
        return self._job("first", execution=EXECUTION, package=package, artifact=part.artifact)

    def after(self) -> list[Job]:
        """Return the jobs after the deployment, one after the other."""
        part, jobs = self.deployment.service.delivery, []
        if part is not None and part.smoke is not None:
            jobs.append(self._job("smoke"))
        if self.trains:
            train = self._job("train", **self._training())
            package = {"package": train.variable("PackageArn"), "execution": EXECUTION}
            gate = ["validate"] if part is not None and part.validation is not None else []
            jobs += [train, *(self._job(do, **package) for do in (*gate, "approve", "follow"))]
        return jobs

    def bake(self, minutes: int) -> Job:
        """Return the job that watches what has been deployed, under the alarms that there are."""
        service, name = self.deployment.service, self.deployment.name
        alarms = [f"{name}-live-{signal}" for signal in service.rollout.signals]
        if service.alarms is not None:
            alarms.append(f"{name}-service")
        return self._job("bake", minutes=minutes, alarms=alarms)

    def _training(self) -> Mapping[str, Any]:
        part = self.deployment.service.delivery
        training = None if part is None else part.training
        if training is None:
            raise LookupError(f"{self.deployment.name} has no training")
        return {
            "training": training.pipeline,
            "parameters": dict(training.parameters.get(self._stage, {})),
            "commit": self.commit,
            "execution": EXECUTION,
        }

    def _source(self) -> str | None:
        """Return the environment that a first version comes from: the nearest where the service is."""
        stages = {stage.name: stage for stage in self.pipeline.stages}
        wanted = stages[self._stage].models_from
        while wanted is not None:
            for name in stages[wanted].environments:
                if name in self.deployment.service.environments:
                    return name
            wanted = stages[wanted].models_from
        return None

    def _job(self, do: str, **more: Any) -> Job:
        return self._job_at(self.deployment.environment_name, do, **more)

    def _job_at(self, environment: str, do: str, **more: Any) -> Job:
        name = namespace(environment, do, service=self.deployment.service.service)
        return Job(do=do, at=place_of(self.deployment), namespace=name, more=more)
