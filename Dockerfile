# The service alone, without a database: compose.yaml adds one, or set PAI__DATABASE__URL to a PostgreSQL 14 or newer.
#
#   docker build -t pai .
#   docker run --read-only -v pai-keys:/var/lib/pai -p 127.0.0.1:8080:8080 -e PAI__DATABASE__URL=postgresql://… pai
#
# A database on another machine wants TLS: docker build --build-arg FEATURES=postgres-tls -t pai .

FROM rust:1.95.0-slim-bookworm AS build
ARG FEATURES=""
# make and perl build the OpenSSL of the feature postgres-tls.
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev make perl \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The image's toolchain is the one that rust-toolchain.toml names, without its development tools.
RUN rm -f rust-toolchain.toml \
 && cargo build --release --locked --bin pai --features "$FEATURES" \
 && strip target/release/pai

FROM debian:bookworm-slim
# Certificates for TLS to a remote database, to token issuers and to webhooks.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /var/lib/pai --create-home --shell /usr/sbin/nologin pai
COPY --from=build /src/target/release/pai /usr/local/bin/pai
COPY --from=build /src/config /etc/pai/config
USER 10001:10001
WORKDIR /etc/pai
ENV PAI__DATA_DIR=/var/lib/pai PAI__SERVER__LISTEN=0.0.0.0:8080
# Keys and other files of the service; mount a volume to keep them.
VOLUME /var/lib/pai
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["pai", "healthcheck"]
ENTRYPOINT ["pai"]
CMD ["serve"]
