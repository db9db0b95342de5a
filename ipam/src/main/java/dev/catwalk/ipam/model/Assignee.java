package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.Family;

/**
 * Who is no pod and has an address of a pool: a service, or a node for itself. No node hands these
 * out: they are given where all commands are in one order, out of blocks that no node has.
 *
 * @param namespace of a service, 1 to {@value Allocation#MAX_NAMESPACE} characters; of a node empty
 * @param name 1 to {@value #MAX_NAME} characters
 */
public record Assignee(Use use, String namespace, String name, Family family) {
  /** Together with the namespace this fits into a {@link Handle}. */
  public static final int MAX_NAME = 63;

  /** Whose the blocks are that these addresses come from. No node has such a name. */
  public static final NodeEpoch OWNER = new NodeEpoch(":cluster", 0);

  /** What an address is for, by the words of an IPPool's {@code allowedUses}. */
  public enum Use {
    SERVICE("LoadBalancer", ":service"),
    NODE("Tunnel", ":node");

    private final String word;
    private final String ifname;

    Use(String word, String ifname) {
      this.word = word;
      this.ifname = ifname;
    }

    /** As {@code allowedUses} says it. */
    public String word() {
      return word;
    }
  }

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public Assignee {
    if (use == Use.SERVICE) {
      Names.check("namespace", namespace, Allocation.MAX_NAMESPACE);
    } else if (!namespace.isEmpty()) {
      throw new IllegalArgumentException("a node is in no namespace");
    }
    Names.check(use == Use.SERVICE ? "service name" : "node name", name, MAX_NAME);
  }

  /** Under which its address is recorded: no interface of a container is called so. */
  public Handle handle() {
    return new Handle(namespace.isEmpty() ? name : namespace + "." + name, use.ifname);
  }

  /** Whether a node may have this name. */
  public static boolean isReserved(NodeEpoch node) {
    return node.node().startsWith(":");
  }

  @Override
  public String toString() {
    return use == Use.SERVICE ? "service " + namespace + "/" + name : "node " + name;
  }
}
