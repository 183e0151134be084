"""For all tests: none looks at the clock, since the machine may be slow, or busy with something else."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from symderiv.judging import sensitivity
from symderiv.repair import repair

settings.register_profile("busy machine", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("busy machine")


@pytest.fixture(autouse=True, scope="session")
def _patient() -> Iterator[None]:
    """What is searched for a while only, is searched for until all is tried."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (repair, sensitivity):
            patch.setattr(module, "SECONDS", 100 * module.SECONDS)
        yield
