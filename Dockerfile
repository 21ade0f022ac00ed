# docker build -t offhook .
# docker run --network host -v ./offhook.yaml:/etc/offhook/offhook.yaml:ro -v offhook:/data offhook          (docs/deployment.md)

FROM node:20-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-slim
LABEL org.opencontainers.image.title="offhook" \
      org.opencontainers.image.description="WebRTC to SIP gateway" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /build/package.json /opt/offhook/
COPY --from=build /build/node_modules /opt/offhook/node_modules
COPY --from=build /build/config /opt/offhook/config
COPY --from=build /build/dist /opt/offhook/dist
RUN ln -s /opt/offhook/dist/main.js /usr/local/bin/offhook && chmod +x /opt/offhook/dist/main.js && install -d -o node -g node /data

ENV NODE_ENV=production \
    HEALTH_URL=http://127.0.0.1:8080/healthz
USER node
WORKDIR /data
VOLUME /data

# Pages and WebSocket; SIP; media of browsers (one port a relay thread); media of trunks.
EXPOSE 8080/tcp 5060/udp 5060/tcp 40000-40003/udp 30000-39999/udp

HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["offhook"]
CMD ["start", "--config", "/etc/offhook/offhook.yaml"]
