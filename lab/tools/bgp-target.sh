#!/usr/bin/env bash
# Catwalk's BGP speaker in the foreground as the target of our two test tools:
#   bgpblast:   ./compare.sh t100k bird "cmd:ours=.../bgp-target.sh"   (sets CONFIG_PEERS, SHAPE, DIR)
#   bgphostile: SHAPE=hostile DIR=/a/dir ip netns exec bgphostile-t .../bgp-target.sh
# SHAPE    ebgp | rr: AS 65000 on 10.0.0.1:179, one peer for each line "name address as" of CONFIG_PEERS
#          hostile: AS 65000 on 10.99.0.11:179 with the peers of bgphostile's README
# DIR      where the configuration is written
# Ends at SIGTERM. Build first (any verb of the launcher does): the tools wait 15 s for the port.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
shape=${SHAPE:-ebgp}
dir=${DIR:?the directory for the configuration}
conf=$dir/catwalk-bgp.yaml

peer() { # NAME ADDRESS AS CLIENT
  echo "  - {name: $1, address: $2, as: $3, passive: true, holdTime: $hold, reflectorClient: $4}"
}

{
  case $shape in
    ebgp | rr)
      hold=180
      client=$([ "$shape" = rr ] && echo true || echo false)
      printf 'as: 65000\nrouterId: 10.0.0.1\nlisten: ["10.0.0.1:179"]\npeers:\n'
      while read -r name address as; do peer "$name" "$address" "$as" "$client"; done < "${CONFIG_PEERS:?}" ;;
    hostile)
      hold=90
      printf 'as: 65000\nrouterId: 10.99.0.11\nlisten: ["10.99.0.11:179"]\npeers:\n'
      peer bystander 10.99.0.3 65002 false
      for i in $(seq 1 40); do peer "e$i" "10.99.1.$i" 65001 false; done
      for i in $(seq 1 20); do peer "i$i" "10.99.2.$i" 65000 true; done ;;
    *) echo "bgp-target.sh: SHAPE is ebgp, rr or hostile, not '$shape'" >&2; exit 2 ;;
  esac
} > "$conf"
exec "${CATWALK:-$here/../../catwalk}" bgp run --config "$conf"
