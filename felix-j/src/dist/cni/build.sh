#!/bin/sh
# Builds the static CNI client into the folder $1; without a C compiler it says so and goes on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
if ! command -v gcc >/dev/null; then
  echo "catwalk: no gcc, so the CNI client is not built: install gcc and libc6-dev" >&2
  exit 0
fi
if [ "$1/catwalk-cni" -nt "$here/catwalk-cni.c" ] && [ "$1/catwalk-cni" -nt "$here/build.sh" ]; then exit 0; fi
case $(uname -m) in
  x86_64 | aarch64) # it calls the kernel by itself there; few pages and few segments to map
    bare="-nostdlib -nostartfiles -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables
      -fno-tree-loop-distribute-patterns -fno-pie -no-pie -Wl,--build-id=none -Wl,-z,noseparate-code" ;;
  *) bare= ;;
esac
gcc -static -O2 -s -Wall -Wextra -Werror $bare -o "$1/catwalk-cni" "$here/catwalk-cni.c"
