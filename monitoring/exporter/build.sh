#!/usr/bin/env bash
# Builds YACE with the Go tool chain: monitoring/exporter/build.sh [FOLDER], .local/bin by default.
# The module must have the hash below; go checks all that it needs against Go's checksum database.
set -euo pipefail

module=github.com/prometheus-community/yet-another-cloudwatch-exporter
version=v0.66.0
sum=h1:vLRS6btBwtLLQSlZz0zsEUhfVlMT0Q/8bukNxPXuIG4=

folder=${1:-.local/bin}
command -v go >/dev/null || { echo "Go is needed to build YACE and is not on PATH." >&2; exit 1; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod download -json "$module@$version" >module.json || {
  sed -n 's/^[[:space:]]*"Error": \(.*\)$/Go: \1/p' module.json >&2
  echo "YACE $version could not be fetched. Does the Go module proxy serve it?" >&2
  exit 1
}
found=$(sed -n 's/^[[:space:]]*"Sum": "\(.*\)",*$/\1/p' module.json)
if [ "$found" != "$sum" ]; then
  echo "YACE $version is not the module that was pinned: $found instead of $sum." >&2
  exit 1
fi
GOBIN=$folder CGO_ENABLED=0 go install -trimpath \
  -ldflags "-s -w -X github.com/prometheus/common/version.Version=${version#v}" "$module/cmd/yace@$version"
echo "$folder/yace"
