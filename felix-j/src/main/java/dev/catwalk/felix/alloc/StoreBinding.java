package dev.catwalk.felix.alloc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which store has granted this node's blocks, on disk. A store that was emptied may grant them to
 * others, so what another one granted is worth nothing. Not thread-safe.
 */
final class StoreBinding {
  static final String FILE = "allocations.store";

  private final Path file;
  private String bound;
  private @Nullable String unwritten;

  /** The binding of a data directory; a new one is bound to no store. */
  StoreBinding(Path dataDir) throws IOException {
    this.file = dataDir.resolve(FILE);
    this.bound = Files.exists(file) ? Files.readString(file).strip() : "";
  }

  /** Forgets it: a new life of the node has no blocks. */
  static void forget(Path dataDir) throws IOException {
    Files.deleteIfExists(dataDir.resolve(FILE));
  }

  /**
   * Before anything of the store is believed: binds the first one that is known, and another one
   * while there is nothing to lose.
   *
   * @param there which store is there: 16 hex digits; empty if it does not know yet
   * @param noBlocks the node has no block of any store
   * @return whether the store may be believed
   */
  boolean meet(String there, boolean noBlocks) {
    if (!there.isEmpty() && !there.equals(bound) && (bound.isEmpty() || noBlocks)) {
      try {
        DurableFile.replace(file, (there + "\n").getBytes(StandardCharsets.UTF_8));
        bound = there;
        unwritten = null;
      } catch (IOException e) {
        unwritten = file + " cannot be written (" + e.getMessage() + "): no address is handed out"
            + " until the disk is well";
      }
    }
    return refusal(there) == null;
  }

  /** Why nothing may be handed out beside the store that is there; null if it may. */
  @Nullable
  String refusal(String there) {
    if (unwritten != null || bound.isEmpty() || bound.equals(there)) {
      return unwritten;
    }
    String remedy = "bring back the old store, or delete this node's pods and empty "
        + file.getParent() + " for a new life of the node";
    return there.isEmpty()
        ? "this node's blocks are of store " + bound
            + ", and the store here is empty: no address is"
            + " handed out until it has caught up with the other members. If all were emptied, "
            + remedy
        : "this node's blocks are of store " + bound + ", and this is store " + there
            + ", which may give them to others: no address is handed out. " + remedy;
  }
}
