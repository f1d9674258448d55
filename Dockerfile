# The image of every process of dibao: `docker build -t dibao .`; which one runs is said by its arguments
# (`serve detection`). It runs as a user without rights, on a file system that it cannot write to.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
COPY --from=packages /opt/venv /opt/venv
COPY events /opt/dibao/events
COPY projections /opt/dibao/projections
COPY services /opt/dibao/services
COPY deploy /opt/dibao/deploy
COPY requirements.lock pyproject.toml LICENSE /opt/dibao/
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin dibao \
    && install -d -o 10001 -m 0750 /var/lib/dibao/journal
USER 10001
WORKDIR /tmp
ENV PYTHONDONTWRITEBYTECODE=1 \
    DIBAO_MONITOR_HOST=0.0.0.0 \
    DIBAO_MONITOR_PORT=9400
EXPOSE 8000 9400
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["/opt/venv/bin/python", "-I", "/opt/dibao/deploy/image/healthy.py"]
ENTRYPOINT ["/opt/venv/bin/python", "-I", "-X", "utf8", "/opt/dibao/deploy/program.py", "deploy.cli"]
CMD ["--help"]
