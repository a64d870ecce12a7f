#!/bin/sh
# Makes a library of one object in which polec_* alone is global: localize.sh CC OBJCOPY WHOLE_LIBRARY LIBRARY
set -eu
object=$4.o
"$1" -r -nostdlib -o "$object" -Wl,--whole-archive "$3" -Wl,--no-whole-archive
"$2" --wildcard --keep-global-symbol='polec_*' "$object"
rm -f "$4"
ar rcsD "$4" "$object"
rm -f "$object"
