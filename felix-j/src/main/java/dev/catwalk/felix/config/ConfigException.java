package dev.catwalk.felix.config;

/** A configuration that we refuse. Its message is one line fit for a user. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  /**
   * @param line counted from 1
   * @param column counted from 1
   * @param field where in the document, as {@code bgp.peers[0].as}; empty for the whole of it
   */
  ConfigException(String file, int line, int column, String field, String what) {
    super(file + ":" + line + ":" + column + ": " + (field.isEmpty() ? "" : field + ": ") + what);
    this.line = line;
    this.column = column;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }
}
