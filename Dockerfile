# One image for every command. The default one receives webhooks and sends: docs/operations.md, "Docker".
FROM python:3.11-slim AS build
WORKDIR /src
COPY constraints.txt ./
RUN python -m venv /opt/campaign \
    && /opt/campaign/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement constraints.txt
COPY pyproject.toml README.md ./
COPY campaign campaign
COPY sql sql
COPY config config
RUN /opt/campaign/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.11-slim
# A user with a name: the embedded Postgres refuses root, and users it cannot look up.
RUN useradd --uid 10001 --home-dir /srv/campaign --create-home --shell /usr/sbin/nologin campaign
COPY --from=build /opt/campaign /opt/campaign
ENV PATH=/opt/campaign/bin:$PATH \
    CAMPAIGN_SETTINGS=/srv/campaign/config/settings.yaml \
    PYTHONDONTWRITEBYTECODE=1
USER campaign
WORKDIR /srv/campaign
# Settings, campaigns and, unless `database` is set, the ledger.
VOLUME /srv/campaign
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["campaign"]
CMD ["serve", "--host", "0.0.0.0"]
