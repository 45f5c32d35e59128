#!/usr/bin/env bash
# Starts Kafka in its container, with the settings of the local stack and what differs there.
set -euo pipefail
cat /etc/rasid/{server,security,compose}.properties > /tmp/server.properties
if [ ! -e /var/lib/kafka/data/meta.properties ]; then
    # An earlier attempt that was cut short may have formatted part of it.
    /opt/kafka/bin/kafka-storage.sh format --ignore-formatted --config /tmp/server.properties \
        --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)"
fi
exec /opt/kafka/bin/kafka-server-start.sh /tmp/server.properties
