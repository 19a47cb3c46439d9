# One image for every process of Weft; docker-compose.yml chooses which one runs.
FROM node:24-slim AS build
# The reference of the database is read from a PostgreSQL, which does not run as root.
RUN mkdir /weft && chown node:node /weft
USER node
WORKDIR /weft
COPY --chown=node:node . .
RUN npx --yes pnpm install --frozen-lockfile && npx --yes pnpm build
# Only the built site and the built console go into the image, not what they are built with.
RUN npx --yes pnpm run docs:site && rm -rf docs-site/node_modules docs-site/pages dist/docs-cli* dist/.docs-cli.sources
RUN npx --yes pnpm run console && rm -rf apps/console/node_modules

FROM node:24-slim
# Small enough for a container, see "Memory" in docs/how-to/operating.md. By default, V8 lets new objects take 128 MiB before it collects them, and the C
# library keeps what the compiler used at the start: an arena per thread, and freed blocks of up to 64 MiB.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=8 MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /weft
# For workers with WEFT_SANDBOX=bubblewrap, see docs/how-to/programs.md.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends bubblewrap && rm -rf /var/lib/apt/lists/*
COPY --from=build --chown=root:root /weft /weft
# The volume of the keys takes its owner from here; the keys file is readable by nobody else.
RUN mkdir -p /var/lib/weft /var/lib/weft-erasures && chown node:node /var/lib/weft* && chmod 700 /var/lib/weft*
VOLUME /var/lib/weft
USER node
EXPOSE 4000
CMD ["node", "--enable-source-maps", "dist/gateway.js"]
