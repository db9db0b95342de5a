package dev.catwalk.felix.kernel;

import dev.catwalk.felix.kernel.Programs.Program;
import dev.catwalk.net.addr.Family;
import java.util.List;

/**
 * The two that are called iptables. Rules of the one are not seen by the other's programs, but
 * packets pass both.
 */
public enum Iptables {
  /** Over nf_tables. Each restore is one transaction of the kernel's. */
  NFT("iptables-nft"),
  /** Over ip_tables, with a lock that all who write must wait for. */
  LEGACY("iptables-legacy");

  private final String text;

  Iptables(String text) {
    this.text = text;
  }

  /** As the configuration and {@code status} name it. */
  public String text() {
    return text;
  }

  Iptables other() {
    return switch (this) {
      case NFT -> LEGACY;
      case LEGACY -> NFT;
    };
  }

  Program save(Family family) {
    boolean v4 = family == Family.IPV4;
    return switch (this) {
      case NFT -> v4 ? Program.IPTABLES_NFT_SAVE : Program.IP6TABLES_NFT_SAVE;
      case LEGACY -> v4 ? Program.IPTABLES_LEGACY_SAVE : Program.IP6TABLES_LEGACY_SAVE;
    };
  }

  Program restore(Family family) {
    boolean v4 = family == Family.IPV4;
    return switch (this) {
      case NFT -> v4 ? Program.IPTABLES_NFT_RESTORE : Program.IP6TABLES_NFT_RESTORE;
      case LEGACY -> v4 ? Program.IPTABLES_LEGACY_RESTORE : Program.IP6TABLES_LEGACY_RESTORE;
    };
  }

  /** What a restore is told so that it waits for others who write, at most ten seconds. */
  List<String> waiting() {
    return switch (this) {
      case NFT -> List.of();
      case LEGACY -> List.of("-w", "10");
    };
  }

  /** Whether all of its programs are on this machine. */
  boolean isInstalled() {
    for (Family family : Family.values()) {
      if (save(family).path().isEmpty() || restore(family).path().isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
