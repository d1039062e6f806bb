#!/usr/bin/env bash
# What `make scan` runs: code, template, workflows, secrets, licences, and a bill of what is inside. Says every finding,
# and fails when there is one. No service is asked what it knows (actionlint is fetched once, by Go), so it says the same
# everywhere; `make audit` asks for known faults.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv-scan/bin
out=.local/sbom
failed=()

scan() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

secrets() {
  # Only what has the shape of a real one: names and random-looking words of tests and events would drown it.
  git ls-files -z | xargs -0 "$bin/detect-secrets-hook" --disable-plugin KeywordDetector \
    --disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString --disable-plugin IPPublicDetector
}

licences() {
  # Licences that ask more of whoever deploys this than to be named.
  "$bin/pip-licenses" --python .venv/bin/python --partial-match --fail-on 'GPL;SSPL;BUSL;Commercial;Proprietary' --summary
}

# Each step by && : where a function's status is asked for, bash goes on after a failure in it.
sbom() {
  mkdir -p "$out" &&
    "$bin/cyclonedx-py" environment --outfile "$out/python.json" .venv/bin/python &&
    if [ -d functions/web/node_modules ]; then
      npm --prefix functions/web sbom --sbom-format cyclonedx --omit dev >"$out/page.json"
    fi &&
    ls -l "$out"
}

scan "bandit: code" "$bin/bandit" -q -ll -r functions layers infra monitoring -x ./functions/web/node_modules
scan "checkov: template, image, workflows" "$bin/checkov" --config-file .checkov.yaml
scan "zizmor: workflows, actions, dependabot" "$bin/zizmor" --offline --quiet .github
if command -v go >/dev/null; then
  scan "actionlint: workflows" go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
else
  echo "== actionlint is left out: it is built by Go, which is not on PATH."
fi
scan "detect-secrets" secrets
scan "pip-licenses" licences
scan "CycloneDX: bill of materials" sbom

if [ ${#failed[@]} -gt 0 ]; then
  printf 'Findings: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "No findings."
