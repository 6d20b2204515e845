# Every part of the platform, a target each: docker build --target verification -t countersign/verification .
# The final images hold Node, one program and what it runs; no npm, compiler or sources. All run as a user without rights
# (node, 1000) on a root that may be read-only, and find what is theirs under /countersign (docs/operations.md, "Containers").

FROM node:22-bookworm-slim AS build
# for the bridge to the HSM, which npm compiles; Node's headers are Debian's where the image has none (Node-API: any will do)
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends g++ make python3 \
      $(test -e /usr/local/include/node/node_api.h || echo libnode-dev)
WORKDIR /build
COPY . .
RUN export npm_config_nodedir=$(test -e /usr/local/include/node/node_api.h && echo /usr/local || echo /usr) \
 && npm install --no-audit --no-fund && npx tsc -b deploy/local clients/cli services/*
RUN set -e; for service in enrollment verification audit delivery key-derivation; do \
      node deploy/images/gather.mjs /gathered/$service services/$service; \
    done; node deploy/images/gather.mjs /gathered/cli clients/cli libs/ledger

# What all have: the folders that volumes are mounted on belong to whoever runs here.
FROM node:22-bookworm-slim AS node
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx \
 && mkdir -p /countersign/state && chown -R node:node /countersign
WORKDIR /app
ENV NODE_ENV=production
USER node

# A service reads its variables from the file that the set-up wrote for it; those of its environment win.
FROM node AS service
ENV OBSERVE_ADDRESS=127.0.0.1:9464
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://' + process.env.OBSERVE_ADDRESS + '/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM

FROM service AS enrollment
COPY --from=build /gathered/enrollment .
CMD ["node", "--env-file-if-exists=/countersign/variables", "services/enrollment/dist/main.js"]

FROM service AS verification
COPY --from=build /gathered/verification .
CMD ["node", "--env-file-if-exists=/countersign/variables", "services/verification/dist/main.js"]

FROM service AS audit
COPY --from=build /gathered/audit .
CMD ["node", "--env-file-if-exists=/countersign/variables", "services/audit/dist/main.js"]

FROM service AS delivery
COPY --from=build /gathered/delivery .
CMD ["node", "--env-file-if-exists=/countersign/variables", "services/delivery/dist/main.js"]

# The only one with an HSM's library. SoftHSM's is for trying: mount the module of yours, and name it in HSM_MODULE.
FROM service AS key-derivation
USER root
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libsofthsm2 \
 && rm -rf /var/lib/apt/lists/* && mkdir -p /countersign/hsm/tokens /countersign/public \
 && chown -R node:node /countersign
USER node
COPY --from=build /gathered/key-derivation .
CMD ["node", "--env-file-if-exists=/countersign/variables", "services/key-derivation/dist/main.js"]

# Makes keys, credentials, certificates and configurations, and later the streams. Of all parts it alone sees everything.
FROM node AS init
USER root
RUN mkdir /handed && cd /handed \
 && mkdir nats redis ceremony enrollment key-derivation verification audit delivery tour && chown -R node:node /handed
USER node
COPY --from=build /gathered/cli .
ENTRYPOINT ["node", "deploy/local/dist/containers/main.js"]

# Shows on the running platform what it is for, as its callers see it.
FROM node AS tour
COPY --from=build /gathered/cli .
CMD ["node", "clients/cli/dist/tour/main.js"]

# nats-server of Debian 13, as `npm start` has it on Debian 12: for every architecture, and new enough for a cluster.
FROM debian:bookworm-slim AS nats-server
RUN find /etc/apt -name '*.list' -o -name '*.sources' | xargs sed -i 's/bookworm/trixie/g' \
 && apt-get update -qq && cd /tmp && apt-get download nats-server && dpkg -x nats-server_*.deb /unpacked

FROM debian:bookworm-slim AS nats
COPY --from=nats-server /unpacked/usr/sbin/nats-server /usr/local/bin/nats-server
RUN useradd --uid 1000 node && mkdir -p /countersign/nats/store && chown -R node:node /countersign
USER node
HEALTHCHECK --interval=5s --timeout=2s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4222"]
CMD ["nats-server", "--config", "/countersign/nats/nats.conf"]
