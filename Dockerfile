# One image for every process of an installation: web, worker, beat, migrate. compose.yaml says which is which.
# Everything it needs is in it: packages (hash-pinned), static files, the typeface. It runs as an ordinary user, and on
# a read-only root file system with /tmp and /var/lib/figpress writable.
FROM python:3.11.9-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/figpress/venv
ENV PATH=/opt/figpress/venv/bin:$PATH
COPY requirements/base.txt /tmp/base.txt
# Every package is a wheel; nothing is compiled, so no compiler is needed here.
RUN pip install --require-hashes --no-deps --only-binary :all: --requirement /tmp/base.txt \
 && python -m compileall -q /opt/figpress/venv/lib
WORKDIR /opt/figpress/app
COPY manage.py Procfile ./
COPY project project
COPY renderer renderer
COPY tasks tasks
COPY workers workers
# The pages' static files and our cuts of Inter and Noto Sans are made here, so that no container spends its start on them.
ENV FIGPRESS_VAR_DIR=/opt/figpress/baked FIGPRESS_FONTS_DIR=/opt/figpress/fonts MPLCONFIGDIR=/tmp/matplotlib
RUN SECRET_KEY=only-for-the-build python manage.py collectstatic --noinput --verbosity 0 \
 && python -c "from pathlib import Path; from renderer.drawing import fonts; fonts.install(Path('/opt/figpress/fonts'))" \
 && python -m compileall -q .

FROM python:3.11.9-slim-bookworm
LABEL org.opencontainers.image.title="Figpress" \
      org.opencontainers.image.description="Charts drawn off the request path" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin figpress \
 && install -d -o figpress -g figpress /var/lib/figpress
COPY --from=build /opt/figpress /opt/figpress
ENV PATH=/opt/figpress/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    FIGPRESS_VAR_DIR=/var/lib/figpress \
    FIGPRESS_STATIC_DIR=/opt/figpress/baked/static \
    FIGPRESS_FONTS_DIR=/opt/figpress/fonts \
    # matplotlib rejects a folder that it cannot write, and then makes a new one at each start (matplotlib#32246).
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /opt/figpress/app
USER figpress
VOLUME /var/lib/figpress
EXPOSE 8000
STOPSIGNAL SIGTERM
# For the web process; compose.yaml gives the others a check of their own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=4); \
c.request('GET', '/'); raise SystemExit(c.getresponse().status >= 500)"]
CMD ["uvicorn", "project.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off"]
