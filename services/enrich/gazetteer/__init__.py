"""Makes the artefact of known places, bodies and people from public sources: `make knowledge`."""
