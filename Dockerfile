# One image for all services; its command chooses one: `python -m services.ingest`, `.enrich`,
# `.index`. Health is asked for where the port is known: docker-compose.yml.

# The full image has a compiler, for libraries without a wheel for the platform.
FROM python:3.13.11-bookworm AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/bootstrap.lock requirements/runtime.lock requirements/
RUN python -m pip install --require-hashes -r requirements/bootstrap.lock \
 && python -m venv /opt/rasid \
 && /opt/rasid/bin/pip install --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY services services
COPY deploy deploy
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/rasid/bin/pip install --no-deps dist/rasid-*.whl

FROM python:3.13.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /var/lib/rasid rasid
COPY --from=build /opt/rasid /opt/rasid
ENV PATH=/opt/rasid/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASID_HOME=/var/lib/rasid
USER 10001
WORKDIR /var/lib/rasid
CMD ["python", "-m", "services.ingest"]
