# One image for dashboard, worker, server and background services. docs/decisions/0008 says why it looks like this.
FROM python:3.13-slim-bookworm AS environment

# For a company's mirror of the package index; they stay in this stage.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX

ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
COPY requirements.lock /build/requirements.lock
# The largest packages bring their own tests along, which nobody runs here.
RUN uv venv --python "$(command -v python3.13)" /opt/venv \
    && VIRTUAL_ENV=/opt/venv uv pip sync --no-cache --require-hashes --compile-bytecode /build/requirements.lock \
    && rm -rf /opt/venv/lib/python3.13/site-packages/pandas/tests /opt/venv/lib/python3.13/site-packages/pyarrow/tests

FROM python:3.13-slim-bookworm

# The number only names the user: which one a container runs as says docker-compose.yml.
RUN useradd --uid 1000 --no-create-home --home-dir /tmp --shell /bin/bash tranquera

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    TRANQUERA_HOME=/app \
    TRANQUERA_TYPED="docker compose exec dashboard tranquera" \
    HOME=/tmp \
    PREFECT_HOME=/tmp/prefect

WORKDIR /app
COPY --from=environment /opt/venv /opt/venv
COPY .streamlit /app/.streamlit
COPY app /app/app
COPY flows /app/flows
COPY modules /app/modules
# The command line by its name; secrets in files for what is started by `docker compose exec`; bytecode, because nothing is
# written below /app later; places for what is mounted.
RUN printf '#!/bin/sh\nexec python -m app.cli "$@"\n' > /opt/venv/bin/tranquera \
    && chmod 755 /opt/venv/bin/tranquera \
    && cp app/stack/container/secrets.pth "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && python -m compileall -q /app \
    && mkdir -p data/engine logs outputs test_outputs

# Last, because a new revision would build anew what stands below it.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tranquera" \
      org.opencontainers.image.description="The operator dashboard for a farm's data, and the flows behind it" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

USER 1000:1000
EXPOSE 4200 8501
ENTRYPOINT ["python", "-m", "app.stack.container"]
CMD ["dashboard"]
