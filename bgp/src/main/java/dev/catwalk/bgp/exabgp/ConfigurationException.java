package dev.catwalk.bgp.exabgp;

/** A configuration file that cannot be used: {@code FILE:LINE: what is wrong; the remedy}. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  ConfigurationException(String file, int line, String what) {
    super(file + ":" + line + ": " + what);
  }
}
