package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * A node's request that the owner of a block set an address of it apart. Each life of a node has one
 * of each family at most; a later one takes its place.
 *
 * @param block whose owner is asked
 * @param name whom the address shall be kept for; null: nobody, it is lent
 * @param wanted this address and no other; null: any
 * @param requestId the number that the asker gave it
 * @param declined whether the owner of the block has said no
 */
public record Ask(
    Asker asker,
    Prefix block,
    @Nullable StickyName name,
    @Nullable IpAddress wanted,
    long requestId,
    boolean declined) {

  /** Who asks. */
  public record Asker(NodeEpoch node, Family family) implements Comparable<Asker> {
    @Override
    public int compareTo(Asker other) {
      int byNode = node.compareTo(other.node);
      return byNode != 0 ? byNode : family.compareTo(other.family);
    }
  }

  /** After its owner has said no. */
  public Ask refused() {
    return new Ask(asker, block, name, wanted, requestId, true);
  }
}
