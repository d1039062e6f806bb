#!/usr/bin/env bash
# Builds YACE with the Go tool chain: monitoring/exporter/build.sh [FOLDER], .local/bin by default.
# The module must have the hash below; what it needs must have those of its own go.sum.
set -euo pipefail

module=github.com/prometheus-community/yet-another-cloudwatch-exporter
version=v0.63.0
sum=h1:53/6xfguNYetCAwmgRmOzk2l0xOXYKdhvCASSyE4+f8=
# Go's checksum database isn't asked about this one module: a proxy may serve the module without the database, and the
# hash above is the stricter of the two.
export GONOSUMDB=$module

folder=${1:-.local/bin}
command -v go >/dev/null || { echo "Go is needed to build YACE and is not on PATH." >&2; exit 1; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
yace=$folder/yace
if [ "$("$yace" version 2>/dev/null)" = "${version#v}" ]; then
  echo "$yace"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod download -json "$module@$version" >module.json || {
  sed -n 's/^[[:space:]]*"Error": \(.*\)$/Go: \1/p' module.json >&2
  echo "YACE $version could not be fetched. Does the Go module proxy serve it?" >&2
  exit 1
}
field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",*\$/\1/p" module.json; }
if [ "$(field Sum)" != "$sum" ]; then
  echo "YACE $version is not the module that was pinned: $(field Sum) instead of $sum." >&2
  exit 1
fi
echo "Building YACE $version; the first time takes several minutes ..." >&2
# In the module's own folder, so that its go.sum holds.
CGO_ENABLED=0 go build -C "$(field Dir)" -mod=readonly -trimpath -o "$yace.new" \
  -ldflags "-s -w -X github.com/prometheus/common/version.Version=${version#v}" ./cmd/yace
mv "$yace.new" "$yace"
echo "$yace"
