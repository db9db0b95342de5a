package dev.catwalk.felix.config;

import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One value of a YAML document, with its place. Reading it as what it is not is an error there. */
public final class YamlValue {
  private final String file;
  private final String field;
  private final Node node;

  YamlValue(String file, String field, Node node) {
    this.file = file;
    this.field = field;
    this.node = node;
  }

  YamlValue at(String otherField, Node other) {
    return new YamlValue(file, otherField, other);
  }

  /** Its path in the document, as {@code bgp.peers[0].as}. */
  public String field() {
    return field;
  }

  boolean isNull() {
    return node.getTag().equals(Tag.NULL);
  }

  /** A complaint about this value, ready to be thrown. */
  public ConfigException problem(String what) {
    return new ConfigException(file, line(), column(), field, what);
  }

  /** Where it stands, for what is found to be wrong with it later: {@code file:line:column: field}. */
  public String place() {
    return file + ":" + line() + ":" + column() + ": " + field;
  }

  private int line() {
    return node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
  }

  private int column() {
    return node.getStartMark().map(m -> m.getColumn() + 1).orElse(1);
  }

  public YamlMap map() throws ConfigException {
    if (node instanceof MappingNode mapping) {
      return YamlMap.of(this, mapping);
    }
    throw problem("want a mapping (key: value)");
  }

  boolean isScalar() {
    return node instanceof ScalarNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  public List<YamlValue> list() throws ConfigException {
    if (!(node instanceof SequenceNode sequence)) {
      throw problem("want a list");
    }
    List<YamlValue> out = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      out.add(at(field + "[" + out.size() + "]", element));
    }
    return out;
  }

  /** The text of any scalar, not empty. */
  public String text() throws ConfigException {
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue();
    }
    throw problem("want a text");
  }

  public boolean bool() throws ConfigException {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw problem("'" + text() + "' is neither true nor false");
    };
  }

  /** A whole number within both bounds. */
  public long number(long min, long max) throws ConfigException {
    String text = text();
    if (text.matches("-?[0-9]{1,18}")) {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw problem("'" + text + "' is not a number from " + min + " to " + max);
  }

  public int integer(int min, int max) throws ConfigException {
    return (int) number(min, max);
  }

  /** One of the given words. */
  public String word(String... choices) throws ConfigException {
    String text = text();
    for (String choice : choices) {
      if (choice.equals(text)) {
        return choice;
      }
    }
    throw problem("'" + text + "' is not one of " + String.join(", ", choices));
  }

  public IpAddress address() throws ConfigException {
    try {
      return IpAddress.parse(text());
    } catch (IllegalArgumentException e) {
      throw problem(Objects.toString(e.getMessage()));
    }
  }

  public Prefix prefix() throws ConfigException {
    try {
      return Prefix.parse(text());
    } catch (IllegalArgumentException e) {
      throw problem(Objects.toString(e.getMessage()));
    }
  }

  /** An address with a port: {@code 192.0.2.1:179} or {@code [2001:db8::1]:179}. */
  public ListenAddress listenAddress() throws ConfigException {
    String text = text();
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    Optional<IpAddress> address =
        IpAddress.tryParse(bracketed ? host.substring(1, host.length() - 1) : host);
    if (address.isEmpty()
        || colon < 0
        || bracketed == address.get().isV4()
        || !port.matches("[1-9][0-9]{0,4}")
        || Integer.parseInt(port) > 65535) {
      throw problem(
          "'" + text + "' is not an address with a port (want 192.0.2.1:179 or [2001:db8::1]:179)");
    }
    return new ListenAddress(address.get(), Integer.parseInt(port));
  }
}
