#!/bin/sh
# Leaves bgp.aot in the folder $2, made by the JDK $1 with the jar $3: of a speaker alone that starts,
# rehearses and ends, with what the JVM then knows of its methods. See aot.sh. It rehearses for some seconds,
# and where the machine is slow, or busy, until as much was played as makes a cache worth having.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$2"
jar=$PWD/$3.jar
[ -s bgp.aot ] && [ ! "$0" -nt bgp.aot ] && [ -z "$(find "$jar" lib "$here/jvm" -newer bgp.aot)" ] && exit 0
rm -f bgp.aot

# Below unshare, where nobody else has the port.
train() {
  ip link set dev lo up
  printf 'as: 64512\nrouterId: 127.0.0.1\nlisten: ["127.0.0.1:179"]\n' > aot-bgp.yaml
  MALLOC_ARENA_MAX=2 "$1/bin/java" "@$here/jvm/bgp.options" -XX:AOTCacheOutput=bgp.aot \
    -Xlog:disable -Xlog:all=error:stderr -cp "$jar" dev.catwalk.felix.cli.Catwalk \
    bgp run --config aot-bgp.yaml --rehearse 6000 --rehearse-octets 1000000 2> aot-bgp.out &
  speaker=$!
  until grep -q listening aot-bgp.out; do
    kill -0 $speaker || return 1
    sleep 0.2
  done
  kill $speaker
  wait $speaker || true
  rm -f aot-bgp.yaml aot-bgp.out
}

if [ "${4:-}" = train ]; then
  train "$1"
  exit
fi
user=-r
[ "$(id -u)" -eq 0 ] && user=
command -v ip > /dev/null && command -v unshare > /dev/null \
  && timeout -k 5 180 unshare $user -n -p -f --mount-proc --kill-child sh "$here/aot-bgp.sh" "$1" "$2" "$3" train > bgp-aot.log 2>&1 || true
[ -s bgp.aot ] \
  || echo "catwalk: no AOT cache was made for bgp run, it starts slower: $2/bgp-aot.log" >&2
