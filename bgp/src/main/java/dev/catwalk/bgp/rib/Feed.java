package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import java.util.List;

/** Where a table says what is to be sent; called in the order in which it must be sent. */
public interface Feed {

  /** The same to each of {@code to}, all of one group. Any number of prefixes. */
  void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes);

  void withdraw(List<AdjRibOut> to, Nlri prefixes);

  /** Everything of the first exchange has been said, RFC 4724 §2. */
  void endOfRib(AdjRibOut to, Family family);

  /** Everything has been said again, RFC 7313 §4. */
  void endOfRefresh(AdjRibOut to, Family family);
}
