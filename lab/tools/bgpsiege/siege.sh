#!/usr/bin/env bash
# siege.sh [HABIT...]   what each of siege.py's habits costs the others, and what it makes the speaker keep.
# A line each: p50, p99 and max of single changes (1,000 a second, of a table of 100,000 routes) from another peer to a
# third one while the habit goes on, in ms; those lost; the resident set before, at most meanwhile, and AFTER seconds
# after it has ended, in MB. A line "none" first: nobody at it. Needs root, in namespaces of its own: see README.md.
#   SPEAKER=catwalk | bird: whose changes are timed
#   BESIDE=1: the habits are done to a BIRD of its own beside the speaker: what they cost by the processors' time alone
#   AFTER=20  ROUTES=100000  CATWALK=the launcher  OPTIONS=further lines of the hostile peer, e.g. ", prefixLimit: {maximum: 5}"
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
T=cw-siege-t C=cw-siege-c
AFTER=${AFTER:-20} ROUTES=${ROUTES:-100000} SPEAKER=${SPEAKER:-catwalk}
case $SPEAKER in catwalk | bird) ;; *) echo "siege.sh: SPEAKER is catwalk or bird, not '$SPEAKER'" >&2; exit 2 ;; esac
[ $# -gt 0 ] || set -- none mute trickle flap refresh refresh-mute markers limit half half-own sets paths large
make -s -C "$here/../bgpblast"
dir=$(mktemp -d)
speaker= other=
clean() {
  for process in $speaker $other; do kill "$process" 2> /dev/null || true; done
  ip netns del $T 2> /dev/null || true
  ip netns del $C 2> /dev/null || true
  rm -rf "$dir"
}
trap clean EXIT
ip netns add $T && ip netns add $C
ip link add cwsiege0 netns $T type veth peer name cwsiege1 netns $C
for n in $T $C; do ip -n $n link set lo up; done
ip -n $T addr add 10.0.0.1/8 dev cwsiege0 && ip -n $T addr add 10.0.0.2/8 dev cwsiege0 && ip -n $C addr add 10.255.0.1/8 dev cwsiege1
ip -n $T link set cwsiege0 up && ip -n $C link set cwsiege1 up
for net in 10.1 10.2 10.3; do ip -n $C route add local $net.0.0/16 dev lo; done

catwalk() {
  printf 'as: 65000\nrouterId: 10.0.0.1\nlisten: ["10.0.0.1:179"]\npeers:\n'
  printf '  - {name: injector, address: 10.1.0.1, as: 65101, passive: true, holdTime: 180}\n'
  printf '  - {name: sink, address: 10.2.0.1, as: 4200000001, passive: true, holdTime: 180}\n'
  for i in $(seq 1 20); do
    limit=
    [ "$i" -ne 9 ] || limit=", prefixLimit: {maximum: 10000, restart: 1}"
    echo "  - {name: h$i, address: 10.3.0.$i, as: $((65300 + i)), passive: true, holdTime: 180$limit${OPTIONS:-}}"
  done
  echo 'dynamic: [{prefix: 10.3.128.0/17, as: any, holdTime: 180}]'
}
bird() {
  peer() { # NAME NEIGHBOR OPTION LIMIT
    echo "protocol bgp $1 { local ${own:-10.0.0.1} port 179 as 65000; neighbor $2; $3; passive; hold time 180;" \
      "ipv4 { import all; export all; $4 }; }"
  }
  printf 'router id %s;\nprotocol device {}\n' "${own:-10.0.0.1}"
  peer injector '10.1.0.1 as 65101' 'error wait time 1, 30' ''
  peer sink '10.2.0.1 as 4200000001' 'error wait time 1, 30' ''
  for i in $(seq 1 20); do
    limit=
    [ "$i" -ne 9 ] || limit='import limit 10000 action restart;'
    peer "h$i" "10.3.0.$i as $((65300 + i))" 'error wait time 1, 30' "$limit"
  done
  peer guests 'range 10.3.128.0/17 external' 'dynamic name "guest"' ''
}
"$SPEAKER" > "$dir/config"
case $SPEAKER in
  catwalk) set_off() { exec ip netns exec $T "${CATWALK:-$here/../../../catwalk}" bgp run --config "$dir/config"; } ;;
  bird) set_off() { exec ip netns exec $T bird -f -c "$dir/config" -s "$dir/control"; } ;;
esac
set_off > "$dir/log" 2>&1 &
speaker=$!
for _ in $(seq 600); do ip netns exec $T ss -Hltn 'sport = :179' | grep -q . && break; sleep 0.1; done
speaker=$(ip netns exec $T ss -Hltnp 'sport = :179' | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -1)
[ -n "$speaker" ] || { echo "the speaker does not listen:" >&2; tail -5 "$dir/log" >&2; exit 1; }
target=10.0.0.1
if [ -n "${BESIDE:-}" ]; then
  target=10.0.0.2
  own=$target bird > "$dir/other.conf"
  ip netns exec $T bird -f -c "$dir/other.conf" -s "$dir/other.control" > "$dir/other.log" 2>&1 & other=$!
  for _ in $(seq 150); do ip netns exec $T ss -Hltn "src $target" | grep -q . && break; sleep 0.1; done
fi

mb() { awk '/^VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$speaker/status"; }
churn() {
  ip netns exec $C "$here/../bgpblast/bgpblast" --mode churn --target 10.0.0.1 --injectors 1 --sinks 1 --prefixes "$ROUTES" \
    --rate 1000 --churn-prefixes 4000 --rounds 1 --quiet 0.3 --timeout 60 --pid "$speaker" > "$dir/churn" 2>&1 || true
  awk '/^churn_(p50|p99|max)_ms|^churn_lost/ { v[$1] = $2 }
    END { printf "%-9s %-9s %-9s %-6s", v["churn_p50_ms"], v["churn_p99_ms"], v["churn_max_ms"], v["churn_lost"] }' "$dir/churn"
}
most() { # the largest resident set from now on, until it is killed
  local m=0 now
  while sleep 0.1; do now=$(mb); [ "$now" -le "$m" ] || { m=$now; echo "$m" > "$dir/most"; }; done
}
churn > "$dir/warm"
number=0
printf '%-14s %-9s %-9s %-9s %-6s %-8s %-8s %s\n' HABIT P50 P99 MAX LOST BEFORE MOST AFTER
for habit in "$@"; do
  number=$((number + 1))
  [ "$habit" = limit ] && source=10.3.0.9 || source=10.3.0.$((10 + number % 10))
  sleep 2
  before=$(mb)
  most & watch=$!
  attack=
  if [ "$habit" != none ]; then
    ip netns exec $C python3 "$here/siege.py" "$habit" $target $source > "$dir/attack" 2>&1 & attack=$!
    for _ in $(seq 600); do grep -q begun "$dir/attack" && break; kill -0 $attack 2> /dev/null || break; sleep 0.1; done
  fi
  found=$(churn)
  grep -q '^siege.py' "$dir/attack" 2> /dev/null && found="$found ($(tail -1 "$dir/attack"))"
  [ -z "$attack" ] || { kill $attack 2> /dev/null && wait $attack 2> /dev/null; } || true
  kill $watch && wait $watch 2> /dev/null || true
  sleep "$AFTER"
  printf '%-14s %s %-8s %-8s %s\n' "$habit" "$found" "$before" "$(cat "$dir/most")" "$(mb)"
  rm -f "$dir/most" "$dir/attack"
  kill -0 "$speaker" 2> /dev/null || { echo "the speaker is gone:"; tail -5 "$dir/log"; exit 1; }
done
