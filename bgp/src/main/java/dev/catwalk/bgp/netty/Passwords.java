package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets of a speaker's peers, by where those are. A value but for {@link #refresh}. */
final class Passwords {
  static final Passwords NONE = new Passwords(new TreeMap<>());

  private static final Logger LOG = LoggerFactory.getLogger(Passwords.class);

  private static final class Entry {
    final PasswordFile file;
    Secret secret;
    Object seen;

    Entry(PasswordFile file) throws IOException {
      this.file = file;
      this.seen = stamp(file);
      this.secret = Secret.read(file);
    }
  }

  private final TreeMap<Prefix, Entry> entries;

  private Passwords(TreeMap<Prefix, Entry> entries) {
    this.entries = entries;
  }

  /**
   * Reads the files of all peers and ranges that have one.
   *
   * @throws IOException if one cannot be used
   */
  static Passwords read(SpeakerConfig config) throws IOException {
    TreeMap<Prefix, Entry> entries = new TreeMap<>();
    for (DynamicPeers range : config.dynamic()) {
      if (range.session().password().isPresent()) {
        entries.put(range.prefix(), new Entry(range.session().password().get()));
      }
    }
    for (PeerConfig peer : config.peers()) {
      if (peer.session().password().isPresent()) {
        entries.put(host(peer.address()), new Entry(peer.session().password().get()));
      }
    }
    return new Passwords(entries);
  }

  static Prefix host(IpAddress address) {
    return new Prefix(address, address.isV4() ? 32 : 128);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** What the sockets of those peers are to have; peers that are in {@code before} alone: null. */
  Map<Prefix, @Nullable Secret> since(Passwords before) {
    TreeMap<Prefix, @Nullable Secret> changes = new TreeMap<>();
    before.entries.keySet().forEach(prefix -> changes.put(prefix, null));
    entries.forEach((prefix, entry) -> changes.put(prefix, entry.secret));
    return changes;
  }

  /** The one for a peer there: of the longest prefix. */
  @Nullable
  Secret of(IpAddress peer) {
    Map.Entry<Prefix, Entry> longest = find(peer);
    return longest == null ? null : longest.getValue().secret;
  }

  /** Whose password a peer there has; null where it has none. */
  @Nullable
  Prefix prefixOf(IpAddress peer) {
    Map.Entry<Prefix, Entry> longest = find(peer);
    return longest == null ? null : longest.getKey();
  }

  private Map.@Nullable Entry<Prefix, Entry> find(IpAddress peer) {
    Map.Entry<Prefix, Entry> longest = null;
    for (Map.Entry<Prefix, Entry> entry : entries.entrySet()) {
      if (entry.getKey().contains(peer)
          && (longest == null || entry.getKey().length() > longest.getKey().length())) {
        longest = entry;
      }
    }
    return longest;
  }

  /**
   * Reads the files that have changed. One that cannot be used is told of once, and the secret stays
   * as it was.
   *
   * @return whose secrets are others now
   */
  List<Prefix> refresh() {
    List<Prefix> changed = new ArrayList<>();
    entries.forEach((prefix, entry) -> {
      Object now = stamp(entry.file);
      if (now.equals(entry.seen)) {
        return;
      }
      entry.seen = now;
      try {
        Secret secret = Secret.read(entry.file);
        if (!secret.isSame(entry.secret)) {
          entry.secret = secret;
          changed.add(prefix);
          LOG.info("password changed peers={} file={}", prefix, entry.file);
        }
      } catch (IOException e) {
        LOG.warn("password not changed peers={} why={}", prefix, e.getMessage());
      }
    });
    return changed;
  }

  private static Object stamp(PasswordFile file) {
    try {
      BasicFileAttributes at =
          Files.readAttributes(Path.of(file.path()), BasicFileAttributes.class);
      return List.of(at.lastModifiedTime(), at.size(), String.valueOf(at.fileKey()));
    } catch (IOException e) {
      return "missing";
    }
  }
}
