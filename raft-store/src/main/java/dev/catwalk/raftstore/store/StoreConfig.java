package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.voters.VoterRule;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One member of the store, or one client of it.
 *
 * @param memberName this member's name in {@code members}
 * @param listen where it accepts the others and clients; may be null in a cluster of one, which opens
 *     no port then
 * @param members name → {@code host:port} of every voting member; one that is not among them is a
 *     client of theirs; empty means a cluster of one
 * @param dataDir holds log, snapshots and identity; made if it is not there
 * @param clusterId members of another cluster are refused at the handshake
 * @param insecure true: members talk in plain text and believe each other's name
 * @param tls what members prove themselves with; needed with several members unless insecure
 * @param voting what voters are chosen by themselves, and how this node may be one; null if they are
 *     not chosen
 */
public record StoreConfig(
    String memberName,
    @Nullable InetSocketAddress listen,
    SortedMap<String, String> members,
    Path dataDir,
    String clusterId,
    boolean insecure,
    @Nullable Tls tls,
    @Nullable Voting voting) {

  /**
   * A node that may be chosen to vote.
   *
   * @param rule what is wanted; the one of the member that leads counts
   * @param address host:port where the others reach this node's store
   * @param labels by which voters are spread
   */
  public record Voting(VoterRule rule, String address, SortedMap<String, String> labels) {
    public Voting {
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }
  }

  /** One whose members are those that are named and let in by hand. */
  public StoreConfig(
      String memberName,
      @Nullable InetSocketAddress listen,
      SortedMap<String, String> members,
      Path dataDir,
      String clusterId,
      boolean insecure,
      @Nullable Tls tls) {
    this(memberName, listen, members, dataDir, clusterId, insecure, tls, null);
  }

  public StoreConfig {
    members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    boolean client = !members.isEmpty() && !members.containsKey(memberName);
    if (!client && members.size() > 1 && listen == null) {
      throw new IllegalArgumentException(
          "store.listen is missing: the other members need a" + " place to reach " + memberName);
    }
    if (insecure == (tls != null)) {
      throw new IllegalArgumentException(
          "either store.tls, or store.insecure: true to let the" + " members talk in plain text");
    }
  }

  /** A cluster of one, which needs no configuration. */
  public static StoreConfig single(String memberName, Path dataDir) {
    return new StoreConfig(memberName, null, new TreeMap<>(), dataDir, "catwalk", true, null);
  }

  /** The same with certificates. */
  public StoreConfig with(Tls files) {
    return new StoreConfig(memberName, listen, members, dataDir, clusterId, false, files, voting);
  }

  /** The same where others are members, or are asked first. */
  public StoreConfig with(SortedMap<String, String> others) {
    return new StoreConfig(memberName, listen, others, dataDir, clusterId, insecure, tls, voting);
  }

  /** The same of a node that may be chosen, and among nodes of which some are. */
  public StoreConfig with(Voting choice) {
    return new StoreConfig(memberName, listen, members, dataDir, clusterId, insecure, tls, choice);
  }

  /** Whether this is no member but a client of those that are named. */
  public boolean client() {
    return !members.isEmpty() && !members.containsKey(memberName);
  }

  /** Whether this is a cluster of one that opens no port: it serves no clients, and nobody joins. */
  public boolean alone() {
    return members.isEmpty() || members.size() == 1 && listen == null && !client();
  }
}
