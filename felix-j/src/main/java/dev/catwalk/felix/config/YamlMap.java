package dev.catwalk.felix.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of a YAML document that remembers which of its keys were asked for: whoever reads one
 * asks for all keys it knows and then calls {@link #end}, which refuses the rest.
 */
public final class YamlMap {
  private static final LoadSettings SETTINGS = LoadSettings.builder()
      .setMaxAliasesForCollections(0)
      .setCodePointLimit(1 << 20)
      .build();

  private final YamlValue self;
  private final Map<String, YamlValue> entries;
  private final Map<String, YamlValue> keys;
  private final TreeSet<String> known = new TreeSet<>();
  private final @Nullable YamlMap below;
  private final List<String> own;

  private YamlMap(
      YamlValue self,
      Map<String, YamlValue> entries,
      Map<String, YamlValue> keys,
      @Nullable YamlMap below,
      List<String> own) {
    this.self = self;
    this.entries = entries;
    this.keys = keys;
    this.below = below;
    this.own = own;
  }

  /**
   * This, with what {@code defaults} says where it says nothing itself.
   *
   * @param own keys that are not looked for there
   */
  YamlMap over(YamlMap defaults, List<String> own) {
    return new YamlMap(self, entries, keys, defaults, own);
  }

  /**
   * Reads a document whose root is a mapping. An empty one counts as an empty mapping.
   *
   * @param file its name, for errors
   */
  public static YamlMap parse(String file, String text) throws ConfigException {
    try {
      Optional<Node> root = new Compose(SETTINGS).composeString(text);
      if (root.isEmpty()) {
        root = new Compose(SETTINGS).composeString("{}");
      }
      return new YamlValue(file, "", root.orElseThrow()).map();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(m -> m.getLine() + 1).orElse(1);
      int column = e.getProblemMark().map(m -> m.getColumn() + 1).orElse(1);
      throw new ConfigException(file, line, column, "", "this is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ConfigException(file, 1, 1, "", "this is not YAML: " + e.getMessage());
    }
  }

  static YamlMap of(YamlValue self, MappingNode node) throws ConfigException {
    Map<String, YamlValue> entries = new LinkedHashMap<>();
    Map<String, YamlValue> keys = new LinkedHashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      YamlValue key = self.at(self.field(), tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
        throw key.problem("a key must be a plain word");
      }
      String name = scalar.getValue();
      String field = self.field().isEmpty() ? name : self.field() + "." + name;
      if (entries.put(name, self.at(field, tuple.getValueNode())) != null) {
        throw self.at(field, tuple.getKeyNode()).problem("the key is here twice");
      }
      keys.put(name, self.at(field, tuple.getKeyNode()));
    }
    return new YamlMap(self, entries, keys, null, List.of());
  }

  /** The value under {@code key}; nothing where the key is missing or its value is null. */
  public Optional<YamlValue> find(String key) {
    known.add(key);
    Optional<YamlValue> found = Optional.ofNullable(entries.get(key)).filter(v -> !v.isNull());
    return found.isPresent() || below == null || own.contains(key) ? found : below.find(key);
  }

  /** As {@link #find}, and an error where there is none. */
  public YamlValue get(String key) throws ConfigException {
    Optional<YamlValue> found = find(key);
    if (found.isEmpty()) {
      throw self.problem("the key '" + key + "' is missing");
    }
    return found.get();
  }

  /** The elements of the list under {@code key}; none where the key is missing. */
  public List<YamlValue> list(String key) throws ConfigException {
    Optional<YamlValue> found = find(key);
    return found.isEmpty() ? List.of() : found.get().list();
  }

  /** All keys in the order of the document, for mappings whose keys are names of the user. */
  public List<String> names() {
    known.addAll(entries.keySet());
    return new ArrayList<>(entries.keySet());
  }

  /** A complaint about the mapping as a whole. */
  public ConfigException problem(String what) {
    return self.problem(what);
  }

  /** Refuses the first key that nobody asked for. */
  public void end() throws ConfigException {
    for (Map.Entry<String, YamlValue> key : keys.entrySet()) {
      if (!known.contains(key.getKey())) {
        throw key.getValue().problem("unknown key; known here: " + String.join(", ", known));
      }
    }
  }
}
