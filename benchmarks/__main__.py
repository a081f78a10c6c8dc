"""Every measurement, one after another."""

from benchmarks import judge_error_rates, rehearsal_time, runtime_overhead, setup_time, synth_time


def main() -> int:
    """Run them all."""
    for measure in (setup_time, synth_time, rehearsal_time, runtime_overhead, judge_error_rates):
        print(f"== {measure.__name__}", flush=True)
        measure.main([])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
