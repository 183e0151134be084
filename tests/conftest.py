"""For all tests: none looks at the clock, since the machine may be slow, or busy with something else."""

from hypothesis import HealthCheck, settings

settings.register_profile("busy machine", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("busy machine")
