# The service and what it needs in production: compiled JavaScript, migrations, packages.
# `npm run image:check` builds it and tries it; docs/operations.md says how to run it.

# Any image with Node 24 and npm will do; CONTRIBUTING.md says why the check has one of its own.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifest
WORKDIR /app
# Scripts of packages never run: everything native among them comes built.
ENV npm_config_ignore_scripts=true npm_config_update_notifier=false
COPY package.json package-lock.json .npmrc ./

FROM manifest AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

# Without what is read by compilers, debuggers and other platforms only, and extensions of PGlite that are not used.
FROM manifest AS packages
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev && cd node_modules && rm -rf @types undici-types \
      @electric-sql/pglite/dist/contrib @electric-sql/pglite/dist/*.tar.gz && \
    find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete && \
    find fs-native-extensions/prebuilds -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -r {} + && \
    find swagger-ui-dist -type f ! -name swagger-ui.css ! -name swagger-ui-bundle.js \
      ! -name package.json ! -name LICENSE ! -name NOTICE -delete

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY LICENSE package.json ./
COPY --from=packages /app/node_modules node_modules
COPY drizzle drizzle
# infra/certs/README.md says what is there: authorities for DATABASE_CA_FILE and REDIS_CA_FILE.
COPY infra/certs certs
COPY --from=build /app/dist dist
# The volume for DATA_DIR is mounted on a directory that its user may write; the commands are those of package.json.
RUN install -d -o 1000 -g 1000 -m 700 /data && node -e "\
      for (const [name, file] of Object.entries(require('./package.json').bin ?? {})) { \
        fs.chmodSync(file, 0o755); \
        fs.symlinkSync(path.resolve(file), '/usr/local/bin/' + name); \
      }"
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
CMD ["node", "dist/main.js"]
# Last, because they differ with every build.
ARG VERSION=unversioned
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Laurel" \
      org.opencontainers.image.description="A leaderboard service whose scores come only from verified actions" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
