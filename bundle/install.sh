#!/bin/sh
# 用法 / usage:  sh install.sh [FOLDER]
here=$(dirname "$0")
for python in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$python" "$here/install.py" --check >/dev/null 2>&1; then exec "$python" "$here/install.py" "$@"; fi
done
python3 "$here/install.py" --check && exit 0
echo "没有找到合适的 Python，版本见 bundle.json。There is no fitting Python here; bundle.json names the versions." >&2
exit 1
