"""Webhooks: endpoints that callers register, the outbox that each end of a job writes to, and the deliverer
that sends what is in it."""
