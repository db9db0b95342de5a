package dev.catwalk.felix.alloc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.ipam.model.NodeEpoch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Which node this is and in which of its lives, as the data directory says. A directory without an
 * identity begins a new life: with an epoch drawn by chance and an empty journal.
 */
public final class NodeIdentity {
  static final String FILE = "identity.json";
  private static final int VERSION = 1;

  private NodeIdentity() {}

  /** Whether a life of a node is recorded there. */
  public static boolean exists(Path dataDir) {
    return Files.exists(dataDir.resolve(FILE));
  }

  /**
   * Reads the identity, or makes one at the first start.
   *
   * @param dataDir {@code /var/lib/catwalk}; made if it is not there
   * @throws JournalException if the directory belongs to a node of another name, or cannot be read
   */
  public static NodeEpoch open(Path dataDir, String nodeName) throws IOException {
    Path file = dataDir.resolve(FILE);
    if (!Files.exists(file)) {
      NodeEpoch fresh = new NodeEpoch(nodeName, new SecureRandom().nextLong());
      Files.createDirectories(dataDir);
      // The journal first: an identity without a journal means that a journal was lost.
      AllocationJournal.create(dataDir, fresh);
      StoreBinding.forget(dataDir);
      DurableFile.replace(file, text(fresh).getBytes(StandardCharsets.UTF_8));
      return fresh;
    }
    NodeEpoch found = read(file);
    if (!found.node().equals(nodeName)) {
      throw new JournalException(file + " is that of node " + found.node() + ", the configuration"
          + " says " + nodeName + ": correct node.name, or give this node a directory of its own");
    }
    return found;
  }

  private static NodeEpoch read(Path file) throws IOException {
    try {
      JsonNode json = new ObjectMapper().readTree(Files.readString(file));
      if (json == null || json.path("v").asInt() != VERSION) {
        throw new JournalException(file + " is not of format version " + VERSION);
      }
      return new NodeEpoch(
          json.path("node").asText(), NodeEpoch.parseEpoch(json.path("epoch").asText()));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      throw new JournalException(
          file + " is damaged (" + e.getMessage() + "): restore it, or empty " + file.getParent()
              + " for a new life of the node",
          e);
    }
  }

  private static String text(NodeEpoch node) {
    return "{\"v\":" + VERSION + ",\"node\":\"" + node.node() + "\",\"epoch\":\"" + node.epochText()
        + "\"}\n";
  }
}
