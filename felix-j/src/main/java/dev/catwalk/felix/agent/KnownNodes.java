package dev.catwalk.felix.agent;

import dev.catwalk.felix.model.NodeInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of the cluster as this node last knew them, on its own disk: with {@code bgp.mesh} they
 * are its peers after a start that finds no quorum, since packets flow whether the store answers or
 * not. Of the agent's loop.
 */
final class KnownNodes {
  private static final Logger log = LoggerFactory.getLogger(KnownNodes.class);

  private static final String RECORD = "nodes";
  private static final int VERSION = 1;

  private final Records records;
  private List<NodeInfo> nodes;

  private KnownNodes(Records records, List<NodeInfo> nodes) {
    this.records = records;
    this.nodes = nodes;
  }

  /** Those of the last life; none where there was none, or where its record is damaged. */
  static KnownNodes open(Records records) throws IOException {
    byte[] found = records.all().get(RECORD);
    if (found == null) {
      return new KnownNodes(records, List.of());
    }
    try {
      return new KnownNodes(records, decode(found));
    } catch (IOException | IllegalArgumentException e) {
      log.warn("the nodes of before are not known why={}", e.toString());
      return new KnownNodes(records, List.of());
    }
  }

  Collection<NodeInfo> nodes() {
    return nodes;
  }

  /** These it is by now. Waits for no disk: a record that is lost costs the wait for the store. */
  void remember(Iterable<NodeInfo> now) {
    List<NodeInfo> next = new ArrayList<>();
    now.forEach(next::add);
    if (next.equals(nodes)) {
      return;
    }
    nodes = List.copyOf(next);
    try {
      records.note(RECORD, encode(next));
    } catch (IOException e) {
      log.warn("after a start without quorum mesh peers will wait for one why={}", e.toString());
    }
  }

  private static byte[] encode(List<NodeInfo> nodes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(nodes.size());
      for (NodeInfo node : nodes) {
        byte[] one = node.encode();
        out.writeInt(one.length);
        out.write(one);
      }
    }
    return bytes.toByteArray();
  }

  private static List<NodeInfo> decode(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new IOException("format version " + version + ", this program knows " + VERSION);
      }
      int count = in.readInt();
      List<NodeInfo> nodes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
          throw new IOException("it ends early");
        }
        nodes.add(NodeInfo.decode(in.readNBytes(length)));
      }
      return List.copyOf(nodes);
    }
  }
}
