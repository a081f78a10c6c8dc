"""What a service file must not say of the kinds without instances of their own, of alarms and of needs."""

from tests.stacks.conftest import Refusal, refusals


@refusals(
    (
        "serverless",
        "memory_mb: 2048",
        "memory_mb: 1500",
        "serverless.memory_mb: must be one of 1024, 2048, 3072, 4096, 5120, 6144, got 1500",
    ),
    ("serverless", "max_concurrency: 20", "max_concurrency: 201", "must be at most 200, got 201"),
    (
        "serverless",
        "provisioned_concurrency: 2",
        "provisioned_concurrency: 21",
        "serverless.provisioned_concurrency: must be at most max_concurrency (20), got 21",
    ),
    (
        "serverless",
        "  provisioned_concurrency: 2\n",
        "",
        "serverless.scaling: needs provisioned_concurrency",
    ),
    ("serverless", "utilization: 0.7", "utilization: 70", "utilization: must be at most 1, got 70"),
)
def test_rejects_serverless_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "async",
        "video/failed\n    success",
        "video/answered\n    success",
        "async.outputs.failures: must differ from answers",
    ),
    ("async", ":video-failed", ":video-answered", "async.outputs.error_topic: must differ from success"),
    (
        "async",
        "arn:aws:sns:eu-west-1:111122223333:video-failed",
        "video-failed",
        "async.outputs.error_topic: must look like arn:aws:sns",
    ),
    (
        "async",
        "concurrent_requests_per_instance: 2",
        "concurrent_requests_per_instance: 1001",
        "must be at most 1000, got 1001",
    ),
    (
        "async",
        "backlog_per_instance: 5",
        "invocations_per_instance_per_minute: 5",
        "async.scaling.invocations_per_instance_per_minute: unknown field",
    ),
)
def test_rejects_queues_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    ("components", "min_memory_mb: 1024", "min_memory_mb: 64", "must be at least 128, got 64"),
    ("components", "max_memory_mb: 4096", "max_memory_mb: 1024", "components.models.letters.compute: "),
    (
        "components",
        "      copies: 1",
        "      copies: 5",
        "components.models.letters.scaling: min to max must include copies (5)",
    ),
    ("components", "batch_percent: 50", "batch_percent: 60", "must be at most 50, got 60"),
    ("components", "max_instances: 6", "max_instances: 1", "must be at least min_instances (2), got 1"),
    (
        "components",
        "components:\n",
        "model: {}\ncomponents:\n",
        "model: belongs to each of components.models",
    ),
)
def test_rejects_components_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    ("batch", "output: s3://my-answers/today/", "output: s3://my-incoming-data/today/out/", "batch: "),
    ("batch", "instance_type: ml.m5.xlarge", "instance_type: ml.r5.xlarge", "batch: "),
    ("batch", "max_payload_mb: 6", "max_payload_mb: 60", "batch: "),
    ("batch", "cron(0 2 * * ? *)", "at night", "batch.start.schedules.nightly: must look like cron("),
    (
        "batch",
        "arn:aws:s3:::my-incoming-data",
        "my-incoming-data",
        "bucket: must look like arn:aws:s3:::",
    ),
    (
        "batch",
        "        source: [my.shop]\n        detail_type: [Answers wanted]\n",
        "",
        "batch.start.events.asked: must have a source, a detail_type or a detail",
    ),
)
def test_rejects_jobs_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    ("serverless", "memory: {percent: 90}", "cpu: {percent: 90}", "alarms.cpu: unknown field"),
    (
        "async",
        "failures: {at_least: 1}",
        "server_errors: {at_least: 0.1}",
        "alarms.server_errors: unknown field",
    ),
    (
        "async",
        "  backlog_age: {at_least_seconds: 1800}\n  failures: {at_least: 1}\n  gpu: {percent: 95}\n",
        "",
        "alarms: must have at least one condition",
    ),
    ("serverless", "{at_least: 0.05}", "{at_least: 5}", "at_least: must be at most 1, got 5"),
    (
        "variants",
        "expected_requests_per_minute: 600",
        "expected_requests_per_minute: 6",
        "p90 needs 100 samples",
    ),
    ("batch", "dashboard: true", "dashboard: 1", "dashboard: must be true or false, got 1"),
)
def test_rejects_alarms_and_dashboard_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "serverless",
        "requests_per_second: 20",
        "requests_per_second: 2000",
        "needs.requests_per_second: serverless.max_concurrency holds at most 20 requests at once",
    ),
    ("serverless", "payload_mb: 2", "payload_mb: 5", "[serverless/payload-size"),
    ("serverless", "traffic: rare", "gpu: true", "[serverless/gpu"),
    (
        "async",
        "ml.g5.xlarge",
        "ml.m5.xlarge",
        "needs.gpu: async.instance_type must have a GPU, got ml.m5.xlarge",
    ),
    (
        "async",
        "answer_within_seconds: 7200",
        "answer_within_seconds: 600",
        "needs.answer_within_seconds: ",
    ),
    ("variants", "payload_mb: 1,", "features: [scale-to-zero],", "[real-time/scale-to-zero"),
    ("variants", "payload_mb: 1,", "models: 3,", "needs.models: a service hosts one model, got 3"),
)
def test_rejects_needs_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found
