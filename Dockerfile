# One image for all services; its command chooses one: `python -m services.ingest`, `.enrich`,
# `.index`. Health is asked for where the port is known: docker-compose.yml.

# A release gives both with their digest: see CONTRIBUTING.md. The full image has a compiler, for
# libraries without a wheel for the platform.
ARG BUILD_IMAGE=python:3.13.11-bookworm
ARG RUN_IMAGE=python:3.13.11-slim-bookworm

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/bootstrap.lock requirements/runtime.lock requirements/sbom.lock requirements/
RUN python -m pip install --require-hashes -r requirements/bootstrap.lock \
 && python -m venv /opt/rasid \
 && /opt/rasid/bin/pip install --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY services services
COPY deploy deploy
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/rasid/bin/pip install --no-deps dist/rasid-*.whl
# What is in the image, with versions and licences: made of what is installed, it cannot be outdated.
RUN python -m venv /opt/sbom \
 && /opt/sbom/bin/pip install --require-hashes -r requirements/sbom.lock \
 && /opt/sbom/bin/python -m cyclonedx_py environment --output-reproducible --output-file /opt/rasid/sbom.cdx.json /opt/rasid/bin/python

FROM ${RUN_IMAGE}
# Two folders for volumes of docker-compose.yml, which runs as the servers' user.
RUN useradd --uid 10001 --create-home --home-dir /var/lib/rasid rasid \
 && install --directory --mode 0700 --owner 1000 --group 1000 /run/secrets/rasid /var/lib/rasid-operator
COPY --from=build /opt/rasid /opt/rasid
ENV PATH=/opt/rasid/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASID_HOME=/var/lib/rasid
USER 10001
WORKDIR /var/lib/rasid
CMD ["python", "-m", "services.ingest"]
