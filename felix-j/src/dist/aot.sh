#!/bin/sh
# Leaves an ahead-of-time cache of the command line's classes in the folder $2, made by the JDK $1
# from a run that finds no agent; a JDK that cannot do it only costs time at every verb.
set -eu
cd "$2"
rm -f catwalk.aot
"$1/bin/java" -XX:AOTCacheOutput=catwalk.aot -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
  -Xlog:disable -cp "$2/$3.jar" dev.catwalk.felix.cli.Catwalk status --socket "$2/none.sock" \
  >aot.log 2>&1 || [ $? -eq 3 ]
[ -s catwalk.aot ] || echo "catwalk: no AOT cache was made, verbs start slower: $2/aot.log" >&2
