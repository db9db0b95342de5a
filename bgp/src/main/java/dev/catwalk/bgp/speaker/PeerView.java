package dev.catwalk.bgp.speaker;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One peer as {@code catwalk peers} shows it: the members are those of {@code docs/contracts.md}.
 *
 * @param as the one it must show; 0 where any will do and no session is up
 * @param since when it came into this state
 * @param holdTime negotiated, or configured while there is no session; seconds
 * @param keepalive as {@code holdTime}
 * @param dynamic whether it came by a range and not by name
 */
public record PeerView(
    String name,
    String address,
    long as,
    String state,
    Instant since,
    int prefixesReceived,
    int prefixesAccepted,
    int prefixesSent,
    @Nullable LastNotification lastNotification,
    String lastError,
    Capabilities capabilities,
    int holdTime,
    int keepalive,
    boolean dynamic) {

  public static final String ESTABLISHED = "established";

  /** Exactly one of {@code sent} and {@code received} is true. */
  public record LastNotification(
      boolean sent, boolean received, int code, int subcode, String text) {}

  /** By name; {@code theirs} is empty while there is no session. */
  public record Capabilities(List<String> ours, List<String> theirs) {
    public Capabilities {
      ours = List.copyOf(ours);
      theirs = List.copyOf(theirs);
    }
  }
}
