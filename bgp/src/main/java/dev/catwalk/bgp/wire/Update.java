package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * UPDATE, RFC 4271 §4.3 with the two attributes of RFC 4760 folded in and the remedies of RFC 7606
 * applied. Withdrawals come first: a prefix that is in both is announced.
 *
 * @param withdrawn none empty; the routes of a message that is treated as withdraw are here
 * @param announced none empty
 * @param problems what was wrong and survived
 * @param endOfRib the family whose End-of-RIB (RFC 4724 §2) this is; both lists are empty then
 */
public record Update(
    List<Nlri> withdrawn,
    List<Reach> announced,
    List<Problem> problems,
    @Nullable AfiSafi endOfRib) implements Message {

  /** Prefixes that share their attributes, next hop included. */
  public record Reach(PathAttributes attributes, Nlri prefixes) {
    public Reach {
      assert !prefixes.isEmpty();
      // RFC 8950 lets IPv4 prefixes have IPv6 next hops, not the other way round
      assert attributes.nextHop().family() == prefixes.family() || prefixes.family() == Family.IPV4
          : attributes;
    }
  }

  public Update {
    withdrawn = List.copyOf(withdrawn);
    announced = List.copyOf(announced);
    problems = List.copyOf(problems);
    assert endOfRib == null || withdrawn.isEmpty() && announced.isEmpty();
  }

  public static Update announce(PathAttributes attributes, Nlri prefixes) {
    return new Update(List.of(), List.of(new Reach(attributes, prefixes)), List.of(), null);
  }

  public static Update withdraw(Nlri prefixes) {
    return new Update(List.of(prefixes), List.of(), List.of(), null);
  }

  public static Update endOfRib(AfiSafi family) {
    return new Update(List.of(), List.of(), List.of(), family);
  }
}
