"""What the local runtime adds to a call of the model process, and how many calls a second boto3 gets.

    python -m benchmarks.runtime_overhead [--endpoint-url URL]

Without an address it starts a local cloud of its own. The model does nothing, so that only overhead shows.
"""

import argparse
import contextlib
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

_ROOT: Final = Path(__file__).parents[1]
_SCRIPT: Final = """
def model_fn(model_dir): return None
def input_fn(body, content_type): return body
def predict_fn(data, model): return data
def output_fn(prediction, accept): return prediction, "application/json"
"""
_BODY: Final = b'{"x": 1}'
_ROLE: Final = "arn:aws:iam::000000000000:role/benchmark"
_PATH: Final = "/endpoints/{}/invocations"
_START_SECONDS: Final = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtime_overhead", description=__doc__)
    parser.add_argument("--endpoint-url", help="a local cloud that runs; by default one is started")
    parser.add_argument("--calls", type=int, default=3000, help="calls per measurement (default 3000)")
    parser.add_argument("--threads", type=int, default=4, help="threads of the boto3 client (default 4)")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        url = options.endpoint_url or stack.enter_context(local_cloud())
        name = stack.enter_context(endpoint(url))
        report(url, name, calls=options.calls, threads=options.threads)
    return 0


def report(url: str, name: str, *, calls: int, threads: int) -> None:
    """Measure three ways of calling the model and print them."""
    gateway = url.removeprefix("http://")
    with model_process() as port:
        direct = latencies(f"127.0.0.1:{port}", "/invocations", calls)
    through = latencies(gateway, _PATH.format(name), calls)
    one, several = (throughput(url, name, calls=calls, threads=n) for n in (1, threads))
    added = statistics.median(through) - statistics.median(direct)
    print(f"{'':42}{'median':>10}{'p99':>10}")
    for label, values in (
        ("model process, called directly", direct),
        ("InvokeEndpoint, plain HTTP", through),
    ):
        print(f"{label:42}{_ms(statistics.median(values)):>10}{_ms(_p99(values)):>10}")
    print(f"{'added by the local runtime':42}{_ms(added):>10}")
    print(f"{'boto3 invoke_endpoint, 1 thread':42}{one:>8.0f}/s")
    print(f"{f'boto3 invoke_endpoint, {threads} threads':42}{several:>8.0f}/s")


@contextlib.contextmanager
def local_cloud() -> Iterator[str]:
    """Run a local cloud that ends with this process; yields its address."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        command = [sys.executable, "-m", "localcloud", "--stop-on-stdin-close", "--data-dir", folder]
        process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["endpoint_url"])
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


@contextlib.contextmanager
def endpoint(url: str) -> Iterator[str]:
    """Deploy the trivial model behind an endpoint of one instance; yields its name, deletes it."""
    name = f"benchmark-{uuid.uuid4().hex[:8]}"
    s3, sagemaker = client("s3", url), client("sagemaker", url)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="model.tar.gz", Body=artifact())
    container = {"Image": "benchmark:1", "ModelDataUrl": f"s3://{name}/model.tar.gz"}
    sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=_ROLE)
    variant = {
        "VariantName": "live",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    _await(lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    yield name
    sagemaker.delete_endpoint(EndpointName=name)


@contextlib.contextmanager
def model_process() -> Iterator[int]:
    """Run a model process of its own, called past the gateway; yields its port."""
    from localcloud.hosting import ContainerSpec, HostingEngine

    data = artifact()
    with tempfile.TemporaryDirectory(prefix="benchmark-model-") as folder:
        engine = HostingEngine(Path(folder), lambda _uri: data)
        try:
            spec = ContainerSpec(image="benchmark:1", model_data_url="s3://benchmark/model.tar.gz")
            yield engine.launch(spec, count=1).result()[0].port
        finally:
            engine.close()


def latencies(address: str, path: str, calls: int) -> list[float]:
    """Return the seconds of each of some calls, one after another on one connection."""
    connection = http.client.HTTPConnection(address)
    headers = {"Content-Type": "application/json", "Authorization": _SIGNED}
    taken = []
    for index in range(calls + 100):
        began = time.perf_counter()
        connection.request("POST", path, body=_BODY, headers=headers)
        response = connection.getresponse()
        response.read()
        if response.status != http.client.OK:
            raise SystemExit(f"{address}{path} answered {response.status}")
        if index >= 100:
            taken.append(time.perf_counter() - began)
    connection.close()
    return taken


def throughput(url: str, name: str, *, calls: int, threads: int) -> float:
    """Return the calls a second that some threads make through boto3."""
    runtime = client("sagemaker-runtime", url, connections=threads)

    def work(count: int) -> None:
        for _ in range(count):
            answer = runtime.invoke_endpoint(EndpointName=name, Body=_BODY, ContentType="application/json")
            answer["Body"].read()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [20] * threads))
        began = time.perf_counter()
        list(pool.map(work, [calls // threads] * threads))
        return calls // threads * threads / (time.perf_counter() - began)


def client(service: str, url: str, *, connections: int = 1) -> Any:
    """Return a boto3 client that can reach nothing but `url`."""
    config = Config(max_pool_connections=connections, retries={"max_attempts": 0})
    # The stubs know services by literal only.
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


def artifact() -> bytes:
    """Return the trivial model as model.tar.gz."""
    target, data = io.BytesIO(), _SCRIPT.encode()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return target.getvalue()


# Where requests are not authenticated, the service is still told from the scope of the signature.
_SCOPE: Final = "test/20260101/us-east-1/sagemaker/aws4_request"
_SIGNED: Final = f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature=0"


def _await(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("the endpoint did not come into service")
        time.sleep(0.1)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


if __name__ == "__main__":
    os.environ.pop("AWS_PROFILE", None)
    sys.exit(main())
