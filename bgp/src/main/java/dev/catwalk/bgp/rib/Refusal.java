package dev.catwalk.bgp.rib;

/** Why a path stays in Adj-RIB-In and takes no part in the decision. */
public enum Refusal {
  /** RFC 4271 §9.1.2. */
  OWN_AS_IN_PATH(1, "our own AS is in its AS_PATH"),
  /** RFC 4456 §8. */
  OWN_ORIGINATOR(2, "we are its originator"),
  /** RFC 4456 §8. */
  OWN_CLUSTER(3, "our cluster is in its CLUSTER_LIST"),
  /** RFC 4271 §5.1.3, §6.3. */
  OWN_NEXT_HOP(4, "its next hop is our own address"),
  /** RFC 4271 §6.3. */
  BAD_NEXT_HOP(5, "its next hop is no host's address"),
  /** RFC 8212. */
  NO_FILTER(6, "no filter says what to take from this peer (requireFilter)"),
  /** RFC 9234 §5. */
  LEAKED(7, "it is for customers only and comes from one who is no provider of ours"),
  FILTERED(8, "a filter rejects it"),
  /** RFC 4271 §9.1.2.1. */
  UNREACHABLE_NEXT_HOP(9, "no link and no other route leads to its next hop");

  /** As {@link PathStore} keeps it: 1, 2, ... in order. */
  final int code;

  private final String text;

  Refusal(int code, String text) {
    this.code = code;
    this.text = text;
  }

  public String text() {
    return text;
  }
}
