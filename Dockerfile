# The image serves with servers that are given to it; it holds none of its own. See compose.yaml.
FROM python:3.13-slim AS builder

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ONLY_BINARY=:all: \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /build

# The environment that the final image takes over; it has no pip of its own.
COPY .ci/requirements.txt .ci/
RUN python -m venv --without-pip /opt/nextlead \
    && pip --python /opt/nextlead/bin/python install --require-hashes -r .ci/requirements.txt

# What builds the wheel, picked from the development pins; pip refuses whatever is missing here.
COPY .ci/requirements-development.txt .ci/
RUN awk '/^[a-z]/ {wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/} wanted' \
        .ci/requirements-development.txt > .ci/requirements-build.txt \
    && pip install --require-hashes -r .ci/requirements-build.txt

COPY pyproject.toml README.md LICENSE ./
COPY service/ service/
COPY migrations/ migrations/
RUN python -m hatchling build -t wheel -d dist \
    && pip --python /opt/nextlead/bin/python install --no-deps --no-index dist/*.whl


FROM python:3.13-slim

LABEL org.opencontainers.image.title="nextlead" \
      org.opencontainers.image.description="A lead-prioritisation queue" \
      org.opencontainers.image.licenses="Apache-2.0"

# pg_dump and pg_restore for `nextlead backup`, as new as the newest server: from PostgreSQL's own
# packages, whose key Debian ships.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates=2* postgresql-common=2* \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18=18.* \
    && apt-get purge --yes --auto-remove postgresql-common \
    && rm -rf /var/lib/apt/lists/*

# Nothing is installed from here on.
RUN pip uninstall --yes --root-user-action=ignore pip \
    && rm -r /usr/local/lib/python3.*/ensurepip

COPY --from=builder /opt/nextlead /opt/nextlead

ENV PATH="/opt/nextlead/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

USER 10001:10001
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-I", "-c", "import http.client, sys; door = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); door.request('GET', '/healthz'); sys.exit(door.getresponse().status != 200)"]

ENTRYPOINT ["nextlead"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
