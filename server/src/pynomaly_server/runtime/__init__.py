"""Embedded mode: starts Valkey, the job workers, the sweeper and the HTTP API on one machine and ends them
together. Nothing else in the server knows that it exists."""
