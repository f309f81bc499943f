"""The queue of jobs, and the schedule that looks after them."""

import math
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.jobs import sweep
from chalicelib.jobs import work as jobs_work
from chalicelib.kernel import clock
from chalicelib.kernel.messaging.worker import each_message, scheduled

workers = Blueprint(__name__)


# A message is a worker's whole time on a job.
@workers.lambda_function(name="jobs")
@partial(each_message, seconds=math.inf)
def jobs(message: dict[str, Any]) -> None:
    """Works on a job as long as there is time."""
    jobs_work.work(str(message["job"]), clock.now())


@workers.lambda_function(name="sweep_jobs")
@scheduled
def sweep_jobs(now: int) -> dict[str, Any]:
    """Begins what is due each day, and goes on with jobs whose messages or workers are gone."""
    return sweep.sweep(now)
