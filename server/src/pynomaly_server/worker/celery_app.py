"""Celery as it carries jobs: at most once and without results, because the database knows better.

A message only says that there is work in a queue; the job it names is for those who read along. It is
acknowledged before the work begins: what a worker does not finish is found by its lease, so that no broker
setting can make a job run twice at once or vanish.
"""

from __future__ import annotations

from typing import Final

from celery import Celery

from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.tracing import sent
from pynomaly_server.worker.broker import ANSWER_SECONDS, CONNECT_SECONDS, celery_url, queue_name

TASK: Final = "pynomaly.run_next_job"


def make_celery(settings: Settings) -> Celery:
    """The Celery application: enough to publish; a worker adds the task."""
    app = Celery("pynomaly", set_as_current=False)
    app.conf.update(
        broker_url=celery_url(settings.broker_url),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=CONNECT_SECONDS,
        broker_transport_options={
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "socket_keepalive": True,
        },
        result_backend=None,
        task_default_queue=queue_name(JobQueue.SMALL),
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        task_publish_retry=True,
        task_publish_retry_policy={
            "max_retries": 1,
            "interval_start": 0.1,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # a message in the hands of a busy worker is kept from an idle one
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_lost_wait=0.5,  # what a lost process was doing is in the database; nothing will follow
        worker_proc_alive_timeout=120.0,  # its first import of the numeric libraries may be slow
        worker_cancel_long_running_tasks_on_connection_loss=False,
        enable_utc=True,
    )
    return app


def publish(app: Celery, job_id: str, queue: JobQueue, traceparent: str | None = None) -> None:
    """Tell the workers of `queue` that this job is in it, in the trace of the request that submitted it.

    Raises whatever the broker's client raises, after a bounded time.
    """
    name = queue_name(queue)
    attributes = {
        "messaging.system": "celery",
        "messaging.destination.name": name,
        "pynomaly.job_id": job_id,
    }
    with sent(traceparent, f"send {name}", attributes) as carried:
        headers = None if carried is None else {"traceparent": carried}
        app.send_task(TASK, args=[queue, job_id], queue=name, ignore_result=True, headers=headers)
