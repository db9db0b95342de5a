#!/bin/sh
# Leaves two ahead-of-time caches in the folder $2, made by the JDK $1 with the jar $3: catwalk.aot of a
# verb that finds no agent, agent.aot of an agent that starts, serves CNI and verbs, and ends. The
# agent runs in a network namespace of its own. Where a cache cannot be made, it says so and goes on:
# a cache only saves time and memory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
java=$1/bin/java
cd "$2"
jar=$PWD/$3.jar
main=dev.catwalk.felix.cli.Catwalk
[ "${4:-}" = train ] || sh "$here/aot-bgp.sh" "$1" "$2" "$3"

# They hold as long as the jars are those that they were made with.
[ -s catwalk.aot ] && [ -s agent.aot ] && [ ! "$0" -nt agent.aot ] \
  && [ -z "$(find "$jar" lib "$here/jvm" -newer catwalk.aot)" ] && exit 0
rm -f catwalk.aot agent.aot

verb() { "$java" "@$here/jvm/verb.options" "$@"; }
# A run's own lines that tell of classes left out of the cache are of no use to anybody.
quiet="-Xlog:disable -Xlog:all=error:stderr"

verb -XX:AOTCacheOutput=catwalk.aot $quiet -cp "$jar" $main status --socket "$PWD/none.sock" \
  > aot.log 2>&1 || [ $? -eq 3 ]
[ -s catwalk.aot ] || echo "catwalk: no AOT cache was made, verbs start slower: $2/aot.log" >&2

# Below unshare: an agent alone, pods in further namespaces, what anybody asks it, then its end.
train() {
  root=$PWD/aot-root
  rm -rf "$root"
  mkdir -p "$root"
  verb -cp "$jar" $main pki init --dir "$root/etc/catwalk/pki" aot
  cat > "$root/agent.yaml" <<YAML
node: {name: aot, addresses: [127.0.0.1]}
store: {tls: {ca: pki/ca.pem, cert: pki/aot.pem, key: pki/aot.key}}
bgp:
  as: 64512
  routerId: 127.0.0.1
  listen: ["127.0.0.1:179"]
  peers: [{name: nobody, address: 127.0.0.2, as: 64513}]
pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24, natOutgoing: true}]
metrics: {listen: "127.0.0.1:9469"}
YAML
  ip link set dev lo up
  # What is recorded of how often methods ran makes the compilers busier at the start, not quicker.
  MALLOC_ARENA_MAX=2 "$java" "@$here/jvm/agent.options" -XX:AOTCacheOutput=agent.aot \
    -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining $quiet -cp "$jar" $main \
    agent run --config "$root/agent.yaml" --root "$root" &
  agent=$!
  export CATWALK_SOCKET="$root/run/catwalk/agent.sock"
  ready=
  for _ in $(seq 60); do
    kill -0 $agent || return 1
    [ -S "$CATWALK_SOCKET" ] && verb -cp "$jar" $main status -o json \
      | grep -Eq '"ready" *: *true' && ready=1 && break
    sleep 0.5
  done
  if [ -z "$ready" ]; then
    kill -9 $agent
    return 1
  fi
  if [ -x dist/catwalk-cni ]; then
    for i in 1 2 3; do
      unshare -n sleep 60 &
      pod=$!
      until [ "$(readlink /proc/$pod/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.1; done
      for command in ADD DEL; do
        echo '{"cniVersion":"1.0.0","name":"catwalk","type":"catwalk"}' \
          | CNI_COMMAND=$command CNI_CONTAINERID=pod$i CNI_NETNS=/proc/$pod/ns/net CNI_IFNAME=eth0 \
            CNI_PATH=/ dist/catwalk-cni || true
      done
      kill $pod
    done
  fi
  verb -cp "$jar" $main apply -f - <<YAML || true
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress]}
YAML
  kill $agent
  wait $agent || true
  rm -rf "$root"
}

if [ "${4:-}" = train ]; then
  train
  exit
fi
user=-r
[ "$(id -u)" -eq 0 ] && user=
command -v ip > /dev/null && command -v unshare > /dev/null \
  && timeout -k 5 120 unshare $user -n -p -f --mount-proc --kill-child sh "$here/aot.sh" "$1" "$2" "$3" train > agent-aot.log 2>&1 || true
[ -s agent.aot ] \
  || echo "catwalk: no AOT cache was made for the agent, it starts slower: $2/agent-aot.log" >&2
