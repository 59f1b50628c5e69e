"""What the server tells about itself: figures for Prometheus, and spans for OpenTelemetry.

Any room may count (`figures`); what is counted is added up over all processes in the broker (`totals`).
"""
