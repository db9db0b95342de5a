package dev.catwalk.lab.check;

import dev.catwalk.net.addr.IpAddress;
import java.util.Locale;

/**
 * One packet to send, or one connection to open.
 *
 * @param from name of a pod, as {@code namespace/name}, or of the client
 * @param port 0 for a ping
 */
public record Probe(String from, String to, IpAddress address, Protocol protocol, int port) {
  /** What is sent. */
  public enum Protocol {
    PING,
    TCP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** As {@code cwprobe} reads it. */
  public String line() {
    return switch (protocol) {
      case PING -> "ping " + address;
      case TCP -> "tcp " + address + " " + port;
    };
  }
}
