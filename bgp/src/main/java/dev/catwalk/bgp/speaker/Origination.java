package dev.catwalk.bgp.speaker;

/**
 * How we originate a prefix: with ORIGIN IGP, an empty AS_PATH and ourselves as next hop.
 *
 * @param med for peers that compare several ways to us, 0..2^32-1; lower is preferred
 */
public record Origination(long med) {
  public static final Origination PLAIN = new Origination(0);

  public Origination {
    assert med >= 0 && med <= 0xffff_ffffL : med;
  }
}
