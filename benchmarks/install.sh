#!/bin/sh
# Makes the environment of every peer; one that cannot be installed leaves its reason for the table.
# usage: install.sh PYTHON FOLDER
set -u
python=$1 folder=$2
here=$(dirname "$0")
mkdir -p "$folder"
for wanted in "$here"/peers/*.txt; do
    name=$(basename "$wanted" .txt)
    cmp -s "$wanted" "$folder/$name/installed.txt" && continue
    rm -rf "$folder/$name" "$folder/$name.failed"
    "$python" -m venv "$folder/$name" &&
        "$folder/$name/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" 2>"$folder/$name.log" &&
        cp "$wanted" "$folder/$name/installed.txt" ||
        grep ERROR "$folder/$name.log" | head -n 1 | cut -c 1-160 >"$folder/$name.failed"
done
