# One image per service: docker build --build-arg SERVICE=records-svc .
# The `devset` target holds the mail catcher and the development issuer instead of a service.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/fascia
COPY constraints.txt ./
RUN /opt/fascia/bin/pip install -c constraints.txt hatchling editables
COPY shared/pyproject.toml shared/pyproject.toml
COPY shared/fascia shared/fascia
RUN /opt/fascia/bin/pip install -c constraints.txt --no-build-isolation ./shared

FROM build AS build-service
ARG SERVICE
COPY ${SERVICE} ${SERVICE}
RUN /opt/fascia/bin/pip install -c constraints.txt --no-build-isolation ./${SERVICE}
# The planner's inner loops are compiled here, where somebody may wait for it; a container copies them to where it may write.
RUN mkdir -p /opt/fascia/compiled && if [ "$SERVICE" = scheduling-svc ]; then \
      NUMBA_CACHE_DIR=/opt/fascia/compiled /opt/fascia/bin/python -m scheduling_svc.planning.engines.warm_up; fi

FROM build AS build-devset
RUN /opt/fascia/bin/pip install -c constraints.txt aiosmtpd

FROM python:3.13-slim AS base
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin fascia \
 && install -d -o fascia -g fascia -m 0700 /var/lib/fascia
ENV PATH=/opt/fascia/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

FROM base AS devset
COPY --from=build-devset /opt/fascia /opt/fascia
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ['HEALTH_URL'], timeout=2)"]
ENTRYPOINT ["python", "-m"]

FROM base AS service
ARG SERVICE
COPY --from=build-service /opt/fascia /opt/fascia
# What draws charts keeps a list of fonts; the container has no home and may write to /tmp alone.
ENV FASCIA_HTTP_HOST=0.0.0.0 FASCIA_HTTP_PORT=8080 HEALTH_URL=http://127.0.0.1:8080/health/ready SERVICE=${SERVICE} \
    MPLCONFIGDIR=/tmp/matplotlib NUMBA_CACHE_DIR=/tmp/compiled
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ['HEALTH_URL'], timeout=2)"]
# SERVICE is also the name of the start script, such as records-svc.
ENTRYPOINT ["/bin/sh", "-c", "cp -rp /opt/fascia/compiled /tmp/ 2>/dev/null; exec \"$SERVICE\" \"$@\"", "service"]
CMD ["web"]
