# syntax=docker/dockerfile:1

FROM python:3.11.14-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1
RUN pip install uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY src ./src
RUN uv sync --frozen --no-dev

FROM python:3.11.14-slim-bookworm AS run
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 MERCATO_ENV=production MERCATO_HOST=0.0.0.0 MERCATO_MEDIA_DIR=/data/media
RUN groupadd --system --gid 10001 mercato \
    && useradd --system --uid 10001 --gid mercato --home-dir /app --shell /usr/sbin/nologin mercato \
    && mkdir -p /data/media \
    && chown -R mercato:mercato /data
WORKDIR /app
COPY --from=build /app /app
COPY migrations ./migrations
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
ENTRYPOINT ["mercato"]
CMD ["api"]
