# kubectl-hosts in a container: a program in a folder, no Python, no shell needed to run it.
#   docker build --tag kubectl-hosts .
# It runs as any user and writes nothing: --read-only is welcome.

FROM python:3.13-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --require-hashes --requirement requirements-dev.lock \
    && pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && python -m krew.build_archive /archive \
    && python -m krew.try_archive /archive \
    && mkdir /kubectl-hosts \
    && tar --extract --gzip --directory /kubectl-hosts --file /archive/kubectl-hosts_*.tar.gz

# The same C library as above, or a newer one.
FROM debian:bookworm-slim
COPY --from=build /kubectl-hosts /opt/kubectl-hosts
USER 65532:65532
ENTRYPOINT ["/opt/kubectl-hosts/kubectl-hosts"]
