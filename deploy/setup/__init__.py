"""What has to be there before the services: secrets, rights, topics, indices.

``rasid setup secrets`` runs before Kafka and Elasticsearch do, ``rasid setup rights`` after.
"""


class SetupError(Exception):
    """The set-up cannot do what was asked; the message says why."""
