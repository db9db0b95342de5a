package dev.catwalk.bgp.rib;

import dev.catwalk.net.addr.IpAddress;

/**
 * Whom a path comes from, with what the decision process asks about him.
 *
 * @param slot his number among the speaker's peers, 0..{@link #MAX_SLOT}; {@link #LOCAL_SLOT} for
 *     ourselves
 * @param name for people
 * @param address where the peer is
 * @param bgpId his BGP Identifier; compare unsigned
 * @param link the interface over which we speak; empty where that is not known
 */
public record Source(int slot, String name, Kind kind, IpAddress address, int bgpId, String link) {

  public static final int LOCAL_SLOT = 0;
  public static final int MAX_SLOT = (1 << 20) - 1;

  /** The source of what this speaker originates itself. */
  public static final Source LOCAL =
      new Source(LOCAL_SLOT, "local", Kind.LOCAL, IpAddress.v4(0), 0);

  /** How a path reached us, RFC 4271 §1.1 and RFC 4456 §6. */
  public enum Kind {
    LOCAL,
    EBGP,
    /** An iBGP peer that is no client of ours. */
    IBGP,
    /** An iBGP peer whose routes we reflect to all others. */
    CLIENT;

    public boolean isIbgp() {
      return this == IBGP || this == CLIENT;
    }
  }

  /** Of an interface that is not known. */
  public Source(int slot, String name, Kind kind, IpAddress address, int bgpId) {
    this(slot, name, kind, address, bgpId, "");
  }

  public Source {
    assert slot >= 0 && slot <= MAX_SLOT : slot;
    assert (slot == LOCAL_SLOT) == (kind == Kind.LOCAL) : slot;
  }
}
