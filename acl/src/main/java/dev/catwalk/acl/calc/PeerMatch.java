package dev.catwalk.acl.calc;

/** The other end's address: the source of what comes in, the destination of what goes out. */
public sealed interface PeerMatch {

  record Anyone() implements PeerMatch {
    @Override
    public String toString() {
      return "anyone";
    }
  }

  /** In the {@link AddressSet} of this id. */
  record InSet(String id) implements PeerMatch {
    @Override
    public String toString() {
      return "in " + id;
    }
  }
}
