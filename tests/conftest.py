"""What holds for every test: nothing fails because the machine has other work, or by chance in CI."""

import os

from hypothesis import HealthCheck, settings

# Hypothesis by itself gives an example 200 ms of a clock, and drawing it a second. Both depend on what else is running.
# CI tries the same examples each time, so that it judges the change; elsewhere each run searches further.
settings.register_profile(
    "any-load",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("any-load")
