"""The function, the pipeline and the start of a service's model delivery, in the code pipeline's stack."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.deliver_files import smoke_requests, validation_gate
from stacks.delivery_jobs import EXECUTION, bake_job
from stacks.deployment import Deployment
from stacks.fields.delivery import StagePart
from stacks.fields.managed import ManagedService
from stacks.fields.service_delivery import ServiceDeliveryPart
from stacks.promotion import Promotions
from stacks.yaml_source import BadFiles
from tidegate import (
    DeliverFunction,
    DeliveryStart,
    ModelPipeline,
    PromotedPlace,
    Promotion,
    PromotionStage,
)
from tidegate._job import Job, namespace
from tidegate.model_pipeline import PACKAGE, ROLLOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDelivery:
    """One service's models.

    Attributes:
        promotions: Their ways.
        deployment: The service in one of its environments.
        released: Bucket and key of the marker of the released revision.
        notify: Told of approvals that wait, and of lost events.

    """

    promotions: Promotions
    deployment: Deployment[ManagedService]
    released: tuple[s3.IBucket, str]
    notify: sns.ITopic | None

    def define(self, stack: Stack) -> None:
        """Define everything in a stack.

        Raises:
            ValueError: naming what the library refuses.

        """
        ways = self.promotions
        scope = Construct(stack, f"Delivery-{ways.service.service}")
        promoted = ways.promotes
        DeliverFunction(
            scope,
            "Deliver",
            function_name=ways.own_name("deliver"),
            delivery_roles=[ways.place(name).role for name in ways.environments],
            pipelines=[ways.pipeline.name, *([ways.own_name("models")] if promoted else [])],
            released=self.released,
            smoke=smoke_requests(self.deployment),
            validation=validation_gate(self.deployment),
        )
        if promoted:
            self._models(scope)

    def _models(self, scope: Construct) -> None:
        ways = self.promotions
        if len(ways.roots) > 1:
            raise ValueError(f"models must come from one environment in the end, got {list(ways.roots)}")
        ModelPipeline(
            scope,
            "Models",
            pipeline_name=ways.own_name("models"),
            function_name=ways.own_name("deliver"),
            released=self.released,
            stages=[*self._stages()],
            notify=self.notify,
        )
        sources = dict.fromkeys([*ways.roots, *(source for _, source in ways.chain)])
        DeliveryStart(
            scope,
            "Start",
            function_name=ways.own_name("start"),
            pipeline_name=ways.own_name("models"),
            origins=[ways.origin(name) for name in sources],
            places=[
                PromotedPlace(place=ways.place(name), source=ways.name(source)) for name, source in ways.chain
            ],
            notify=self.notify,
        )

    def _stages(self) -> Iterator[PromotionStage]:
        (root,) = self.promotions.roots
        followed = self._job("follow", root, package=PACKAGE, rollout=ROLLOUT)
        begin = self.promotions.pipeline.stage_of(root)
        yield PromotionStage(name=begin.name, waves=[[Promotion(after=[followed])]])
        for stage in self.promotions.pipeline.stages:
            waves = [self._wave(wave, stage) for wave in stage.waves]
            if any(waves):
                yield PromotionStage(
                    name=f"{stage.name}-models" if stage is begin else stage.name,
                    waves=[wave for wave in waves if wave],
                    question=self._question(stage) if stage.approval else None,
                    bakes=[*self._bakes(stage)],
                )

    def _wave(self, environments: Sequence[str], stage: StagePart) -> Sequence[Promotion]:
        return [self._promotion(name, stage) for name in environments if self._gets(name)]

    def _gets(self, environment: str) -> bool:
        return environment in dict(self.promotions.chain)

    def _promotion(self, environment: str, stage: StagePart) -> Promotion:
        part, source = self._part, self.promotions.source(environment)
        package = PACKAGE if source in self.promotions.roots else _package(str(source))
        register = self._job("register", environment, package=package, artifact=part.artifact)
        own = _package(environment)
        before = [register]
        if part.validation is not None:
            before.append(self._job("validate", environment, package=own))
        asked = {"asked": stage.name} if stage.approval else {}
        pipeline = self.promotions.own_name("models")
        approve = self._job("approve", environment, package=own, pipeline=pipeline, **asked)
        return Promotion(before=before, after=[approve, self._job("follow", environment, package=own)])

    def _bakes(self, stage: StagePart) -> Iterator[Sequence[Job]]:
        for wave in stage.waves:
            here = [name for name in wave if self._gets(name)]
            if here and stage.bake_minutes is not None:
                yield [
                    bake_job(
                        self.promotions.service,
                        self.promotions.place(name),
                        namespace=namespace(name, "bake"),
                        minutes=stage.bake_minutes,
                    )
                    for name in here
                ]

    def _question(self, stage: StagePart) -> str:
        into = ", ".join(name for name in stage.environments if self._gets(name))
        return f"Approve {PACKAGE} for {into}?"

    def _job(self, do: str, environment: str, **more: str) -> Job:
        return Job(
            do=do,
            at=self.promotions.place(environment),
            namespace=namespace(environment, do),
            more={"execution": EXECUTION, **more},
        )

    @property
    def _part(self) -> ServiceDeliveryPart:
        part = self.promotions.service.delivery
        if part is None:
            raise LookupError(f"{self.promotions.service.service} has no section delivery")
        return part


def deliver_models(
    stack: Stack,
    deployments: Sequence[Deployment[ManagedService]],
    *,
    released: Callable[[str], tuple[s3.IBucket, str]],
    notify: sns.ITopic | None,
) -> None:
    """Define in the code pipeline's stack what each service needs of its own, in the order of their names.

    Args:
        stack: The stack.
        deployments: The services in their environments.
        released: Bucket and key of the marker of a service.
        notify: Told of approvals that wait, and of lost events.

    Raises:
        BadFiles: naming the file and what the library refuses of it.

    """
    services = {one.service.service: one for one in reversed(deployments)}
    for name, deployment in sorted(services.items()):
        promotions = Promotions.of(deployment)
        if promotions is None:
            continue
        delivery = ModelDelivery(
            promotions=promotions, deployment=deployment, released=released(name), notify=notify
        )
        try:
            delivery.define(stack)
        except ValueError as error:
            raise BadFiles([f"{deployment.source}: {error}"]) from error


def _package(environment: str) -> str:
    """Return how an action says the version that was registered in an environment."""
    return f"#{{{namespace(environment, 'register')}.PackageArn}}"
