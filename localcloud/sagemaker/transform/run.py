"""A job at work: requests to its instances, and the answers put together.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from localcloud.hosting import Call, Host, InstanceTimeout, InstanceUnreachable, request_head
from localcloud.hosting.client import Answer
from localcloud.sagemaker.transform.failures import AlgorithmFault, ClientFault, JobFault, JobStopped
from localcloud.sagemaker.transform.objects import Objects, content
from localcloud.sagemaker.transform.records import assembled, batches, split_lines
from localcloud.sagemaker.transform.settings import Settings

_SERVER_ERROR = 500
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a job has made.

    Attributes:
        answers: what is written, by address.
        faults: why the others failed, by the address of the input.

    """

    answers: Mapping[str, bytes]
    faults: Mapping[str, JobFault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over all objects.

    Attributes:
        settings: the job's.
        objects: S3.
        targets: address of the answer, by that of the input.
        is_stopping: whether the job was asked to stop.

    """

    settings: Settings
    objects: Objects
    targets: Mapping[str, str]
    is_stopping: Callable[[], bool]
    _answers: dict[str, bytes] = field(default_factory=dict, init=False)
    _faults: dict[str, JobFault] = field(default_factory=dict, init=False)

    def outcome(self, hosts: Sequence[Host]) -> Outcome:
        """Send every object through an instance. Blocks.

        Raises:
            JobStopped: the job was asked to stop.

        """
        stopped = False
        try:
            asyncio.run(self._work(hosts))
        except* JobStopped:
            stopped = True
        if stopped:
            raise JobStopped
        return Outcome(answers=self._answers, faults=self._faults)

    async def _work(self, hosts: Sequence[Host]) -> None:
        shares: list[list[str]] = [[] for _ in hosts]
        for number, source in enumerate(self.targets):
            shares[number % len(hosts)].append(source)
        async with asyncio.TaskGroup() as group:
            for host, share in zip(hosts, shares, strict=True):
                worker = _Worker(self, host, asyncio.Semaphore(self.settings.concurrent))
                for source in share:
                    group.create_task(self._object(worker, source))

    async def _object(self, worker: "_Worker", source: str) -> None:
        try:
            data = content(self.objects, source, gzipped=self.settings.gzipped)
            self._answers[self.targets[source]] = await worker.transform(data)
        except JobFault as fault:
            self._faults[source] = fault


@dataclass(frozen=True, slots=True)
class _Worker:
    run: Run
    host: Host
    free: asyncio.Semaphore

    async def transform(self, data: bytes) -> bytes:
        settings = self.run.settings
        records = split_lines(data) if settings.by_line else [data]
        requests = batches(records, several=settings.several, most_mb=settings.payload_mb)
        answers = await asyncio.gather(*(self._answer(request) for request in requests))
        return assembled(answers, by_line=settings.assemble_lines)

    async def _answer(self, records: Sequence[bytes]) -> bytes:
        association = self.run.settings.association
        async with self.free:
            if self.run.is_stopping():
                raise JobStopped
            answer = await self._ask(association.request(records))
        return answer if association.is_idle else association.answer(records, answer)

    async def _ask(self, body: bytes) -> bytes:
        """Send a request until it is answered; a client's error is final."""
        problem = ""
        for _ in range(self.run.settings.retries + 1):
            try:
                answer = await self._invoke(body)
            except InstanceTimeout:
                seconds = self.run.settings.timeout_seconds
                problem = f"Model server did not respond to /invocations request within {seconds:g} seconds"
                continue
            except InstanceUnreachable as error:
                problem = f"Unable to get response from algorithm: {error}"
                continue
            if answer.status in _SUCCESS:
                return answer.body
            text = answer.body.decode(errors="replace")
            problem = f"Bad HTTP status received from algorithm: {answer.status}: {text}"
            if answer.status < _SERVER_ERROR:
                raise ClientFault(problem)
        raise AlgorithmFault(problem)

    async def _invoke(self, body: bytes) -> Answer:
        settings = self.run.settings
        given = {"content-type": settings.content_type, "accept": settings.accept}
        headers = {name: value for name, value in given.items() if value}
        return await self.host.invoke(
            request_head(headers),
            body,
            timeout_seconds=settings.timeout_seconds,
            call=Call(target=None, headers=headers),
        )
