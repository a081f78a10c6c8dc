"""One endpoint's fakes, put together."""

from dataclasses import dataclass, field

from tests.lambdas.fakes.attachments import FakeAttachments, FakeScalingRecord
from tests.lambdas.fakes.cloud import (
    FakeExecutions,
    FakeInvoker,
    FakeMetrics,
    FakePointer,
    FakeRegistry,
    FakeScaling,
)
from tests.lambdas.fakes.health import FakeAlarms, FakeAuthority
from tests.lambdas.fakes.ledger import FakeLedger
from tests.lambdas.fakes.leftovers import FakeGateLeftovers, FakeLeftovers
from tests.lambdas.fakes.notices import FakeEvents, FakeMeter, FakeTopic
from tests.lambdas.fakes.plans import PLAN
from tests.lambdas.fakes.restless import RestlessEndpoint
from tests.lambdas.fakes.stack import FakeStack
from tests.lambdas.fakes.users import FakeFunctions, FakeTasks
from tests.lambdas.fakes.world import World
from tidegate_runtime.announcer import Announcer
from tidegate_runtime.health_ports import Authority
from tidegate_runtime.queue import Queue
from tidegate_runtime.samples import Sample
from watchdog.abandoned import Abandoned
from watchdog.collecting import Collecting
from watchdog.logic import Watchdog
from watchdog.restoring import Restoring
from watchdog.rollbacks import Rollbacks
from watchdog.waiting import Waiting

OUT = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
BACK = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollback"


@dataclass
class Parts:
    """Everything that the handlers talk to."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        world = self.world
        self.plan = PLAN
        self.endpoint = RestlessEndpoint(world)
        self.metrics = FakeMetrics(world, self.endpoint)
        self.alarms = FakeAlarms(world)
        self.authority: Authority = FakeAuthority(world)
        self.invoker = FakeInvoker(world, self.endpoint, self.metrics)
        self.samples: tuple[Sample, ...] = ()
        self.pointer = FakePointer(world)
        self.registry = FakeRegistry(world)
        self.scaling = FakeScaling(world)
        self.events = FakeEvents(world)
        self.meter, self.topic = FakeMeter(world), FakeTopic(world)
        self.announcer = Announcer(
            endpoint_name="digits-rehearsal", events=self.events, meter=self.meter, topic=self.topic
        )
        self.executions = FakeExecutions(world)
        self.functions, self.tasks = FakeFunctions(world), FakeTasks(world)
        self.ledger = FakeLedger(world)
        self.stack = FakeStack(world, endpoint=self.endpoint, pointer=self.pointer, ledger=self.ledger)
        self.queue = Queue(
            ledger=self.ledger,
            executions=self.executions,
            clock=world,
            announcer=self.announcer,
            machine_arn=OUT,
            lease_seconds=self.plan.longest_seconds,
        )
        rollbacks = Rollbacks(
            machine=BACK,
            executions=self.executions,
            ledger=self.ledger,
            scaling=self.scaling,
            clock=world,
            announcer=self.announcer,
        )
        self.watchdog = Watchdog(
            rollout_machine=OUT,
            rollbacks=rollbacks,
            waiting=Waiting(
                policy=self.plan.needs_human,
                ledger=self.ledger,
                stack=self.stack,
                endpoint=self.endpoint,
                clock=world,
                announcer=self.announcer,
                rollbacks=rollbacks,
            ),
            alarms=self.alarms,
            ledger=self.ledger,
            executions=self.executions,
            queue=self.queue,
            scaling=self.scaling,
            clock=world,
            announcer=self.announcer,
            restoring=Restoring(
                stack=self.stack,
                endpoint=self.endpoint,
                attachments=FakeAttachments(world),
                record=FakeScalingRecord(world),
            ),
            collecting=Collecting(
                endpoint=self.endpoint,
                ledger=self.ledger,
                leftovers=FakeLeftovers(world, self.endpoint),
                clock=world,
            ),
            abandoned=Abandoned(leftovers=FakeGateLeftovers(world), gate_minutes=None, clock=world),
        )
