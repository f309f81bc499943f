"""Events, queues, jobs, and what their handlers share."""
