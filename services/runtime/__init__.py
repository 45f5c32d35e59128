"""How a service runs: configuration, logs, metrics and health, Kafka connections, stopping.

Everything here is the same for each service and knows nothing of articles; see
docs/decisions/0002-shared-runtime.md.
"""
