package dev.catwalk.bgp.exarun;

/** A command that cannot be carried out; the text says why. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  RefusedException(String why) {
    super(why, null, false, false); // processes can cause these at will: no stack traces
  }
}
