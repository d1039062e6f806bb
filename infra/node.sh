#!/bin/bash
# Says in words why the page can't be built on this machine; says nothing where it can.
set -euo pipefail
needed=20.19

for command in node npm; do
    if ! command -v "$command" >/dev/null; then
        echo "there is no $command on this machine"
        exit 0
    fi
done
version=$(node --version)
version=${version#v}
if [ "$(printf '%s\n' "$needed" "$version" | sort --version-sort | head -n 1)" != "$needed" ]; then
    echo "Node.js is $version here and must be $needed or later"
fi
