"""What holds for every test: nothing fails because the machine has other work."""

from hypothesis import HealthCheck, settings

# Hypothesis by itself gives an example 200 ms of a clock, and drawing it a second. Both depend on what else is running.
settings.register_profile("any-load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-load")
