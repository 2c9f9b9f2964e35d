"""For all tests: one thread of torch, as in a worker, and hypothesis without a stopwatch."""

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("fbviz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fbviz")
