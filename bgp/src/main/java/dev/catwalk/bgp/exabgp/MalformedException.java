package dev.catwalk.bgp.exabgp;

/** Bytes that are no message, or words that are no command; the text says where and why. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedException(String what) {
    super(what, null, false, false); // input can cause these at will: no stack traces
  }
}
