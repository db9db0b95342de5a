package dev.catwalk.bgp.wire;

/**
 * Something wrong in an UPDATE that the session survives, RFC 7606; the decoder has applied the
 * remedy already.
 *
 * @param fault what RFC 4271 would have told the peer
 * @param attribute the attribute's type code, or 0
 * @param what one sentence for the log
 */
public record Problem(Remedy remedy, Fault fault, int attribute, String what) {

  /** Weakest first. */
  public enum Remedy {
    /** That prefix alone is left out (RFC 4271 §6.3: semantically wrong). */
    IGNORE_PREFIX,
    /** The attribute is left out, the routes stay. */
    ATTRIBUTE_DISCARD,
    /** All prefixes that the message announces are in {@code withdrawn} instead. */
    TREAT_AS_WITHDRAW
  }
}
