package dev.catwalk.felix.agent;

import dev.catwalk.bgp.speaker.Restart;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an agent of this data directory ran before, and whether the kernel is still the one that
 * it brought into its desired state: one boot of the machine, one network namespace.
 */
final class EarlierLife {
  private static final Logger log = LoggerFactory.getLogger(EarlierLife.class);

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path NAMESPACE = Path.of("/proc/self/ns/net");
  private static final String RECORD = "kernel";

  private final Records records;
  private final Optional<String> before;
  private final String now;

  private EarlierLife(Records records, Optional<String> before, String now) {
    this.records = records;
    this.before = before;
    this.now = now;
  }

  static EarlierLife read(Places places) throws IOException {
    return read(Records.open(places.warm()), kernel());
  }

  /** @param kernel what tells this life of the kernel from all others */
  static EarlierLife read(Records records, String kernel) throws IOException {
    Optional<String> before = Optional.ofNullable(records.all().get(RECORD))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    return new EarlierLife(records, before, kernel);
  }

  private static String kernel() throws IOException {
    return Files.readString(BOOT).strip() + " " + Files.readSymbolicLink(NAMESPACE);
  }

  /**
   * What the speaker's peers are to be told of it.
   *
   * @param found in the kernel just now
   * @param ownBlocks of this node's own durable record
   * @param peersToCome whether the cluster will name further peers
   */
  Restart restart(Leftover found, Collection<Prefix> ownBlocks, boolean peersToCome) {
    List<Family> preserved =
        before.filter(now::equals).isPresent() ? found.preserved(ownBlocks) : List.of();
    if (before.isPresent()) {
      log.info("an agent ran here before forwarding={} blocks={}", preserved, ownBlocks);
    }
    return new Restart(before.isPresent(), preserved, peersToCome, true);
  }

  /**
   * Whether the machine has started anew since: no pod of before is alive then, and what was written
   * without waiting for the disk may be torn.
   */
  boolean machineStoppedSince() {
    String boot = now.split(" ", 2)[0];
    return before.filter(b -> !b.split(" ", 2)[0].equals(boot)).isPresent();
  }

  /** The cluster's nodes as they were then. */
  KnownNodes nodes() throws IOException {
    return KnownNodes.open(records);
  }

  /** The kernel is for the first time as this agent wants it. Any thread. */
  void kernelComplete() {
    try {
      records.put(RECORD, now.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.warn("after the next restart peers will not keep our routes why={}", e.toString());
    }
  }
}
