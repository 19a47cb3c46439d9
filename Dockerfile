# One image for every process of Weft; docker-compose.yml chooses which one runs.
FROM node:24-slim AS build
WORKDIR /weft
COPY . .
RUN npx --yes pnpm install --frozen-lockfile && npx --yes pnpm build && rm -rf .git

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /weft
COPY --from=build --chown=root:root /weft /weft
USER node
EXPOSE 4000
CMD ["node", "--enable-source-maps", "gateway/dist/main.js"]
