FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY internal/purego internal/purego
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/stet ./cmd/stet
# The final image has no shell to make these with: an account, a folder it may write to, one for uploads on their way in.
RUN echo 'stet:x:65532:65532:stet:/data:/none' >/out/passwd && mkdir -p /out/data /out/tmp && chmod 1777 /out/tmp

# With Postgres's own programs beside it, for "stet backup" and "stet restore": docker build --target tools.
FROM postgres:17 AS tools
RUN install -d -o 65532 -g 65532 /data /backups
COPY --from=build /out/stet /usr/local/bin/stet
USER 65532:65532
ENV STET_DATA=/data
WORKDIR /backups
ENTRYPOINT ["/usr/local/bin/stet"]

FROM scratch
COPY --from=build /out/passwd /etc/passwd
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/stet /stet
USER 65532:65532
ENV STET_DATA=/data
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/stet"]
CMD ["serve"]
