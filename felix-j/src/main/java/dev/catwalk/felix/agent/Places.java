package dev.catwalk.felix.agent;

import java.nio.file.Path;

/** Where things are, each below a root: {@code /}, or the folder of one lab node. */
public record Places(Path root) {

  public Path config() {
    return root.resolve("etc/catwalk/agent.yaml");
  }

  public Path socket() {
    return root.resolve("run/catwalk/agent.sock");
  }

  /** Store, identity and records of this node. */
  public Path data() {
    return root.resolve("var/lib/catwalk");
  }

  /** The files of {@code catwalk pki init}. */
  public Path pki() {
    return root.resolve("etc/catwalk/pki");
  }

  /** The replicated store's own files. */
  public Path store() {
    return data().resolve("store");
  }

  Path lock() {
    return data().resolve("lock");
  }

  /** What a restart is made easier by. */
  Path warm() {
    return data().resolve("warm");
  }

  Path endpoints() {
    return data().resolve("endpoints");
  }
}
