package dev.catwalk.acl.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads texts of one or more YAML documents within limits. The engine composes by recursion, so
 * depth is limited on the stream of events, before composing; aliases are counted as the values
 * that they stand for.
 */
final class YamlReader {
  private static final LoadSettings SETTINGS = LoadSettings.builder()
      .setCodePointLimit(Manifests.MAX_TEXT)
      .setMaxAliasesForCollections(Manifests.MAX_VALUES)
      .build();

  private int values;

  private YamlReader() {}

  /** A text that is not YAML, or is too much of it. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final int line;

    Refused(int line, String what) {
      super(what);
      this.line = line;
    }

    /** From 1. */
    int line() {
      return line;
    }

    String what() {
      return String.valueOf(getMessage());
    }
  }

  /** The documents that are not empty. */
  static List<Yaml> read(String text) throws Refused {
    if (text.length() > Manifests.MAX_TEXT) {
      throw new Refused(1, "more than " + Manifests.MAX_TEXT + " characters");
    }
    try {
      checkDepth(text);
      YamlReader reader = new YamlReader();
      List<Yaml> documents = new ArrayList<>();
      for (Node node : new Compose(SETTINGS).composeAllFromString(text)) {
        Yaml document = reader.value(node, 0);
        if (!(document instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.NULL)) {
          documents.add(document);
        }
      }
      return documents;
    } catch (MarkedYamlEngineException e) {
      throw new Refused(line(e.getProblemMark()), "this is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new Refused(1, "this is not YAML: " + e.getMessage());
    }
  }

  private static void checkDepth(String text) throws Refused {
    int depth = 0;
    for (Event event : new Parse(SETTINGS).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        case Alias, Comment, DocumentEnd, DocumentStart, Scalar, StreamEnd, StreamStart -> {}
      }
      if (depth > Manifests.MAX_DEPTH) {
        throw tooDeep(line(event.getStartMark()));
      }
    }
  }

  private Yaml value(Node node, int depth) throws Refused {
    int line = line(node.getStartMark());
    if (depth > Manifests.MAX_DEPTH) {
      throw tooDeep(line); // An alias of something that holds the alias comes here.
    }
    if (++values > Manifests.MAX_VALUES) {
      throw new Refused(line, "more than " + Manifests.MAX_VALUES + " values");
    }
    return switch (node) {
      case ScalarNode scalar -> new Yaml.Scalar(line, type(scalar), scalar.getValue());
      case SequenceNode sequence -> {
        List<Yaml> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(value(item, depth + 1));
        }
        yield new Yaml.Items(line, items);
      }
      case MappingNode mapping -> {
        List<Yaml.Entry> entries = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
          if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            throw new Refused(line(tuple.getKeyNode().getStartMark()), "a key must be a word");
          }
          entries.add(new Yaml.Entry(
              line(key.getStartMark()), key.getValue(), value(tuple.getValueNode(), depth + 1)));
        }
        yield new Yaml.Fields(line, entries);
      }
      default -> throw new Refused(line, "this is no kind of value that a manifest has");
    };
  }

  private static Yaml.Type type(ScalarNode scalar) throws Refused {
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.STR)) {
      return Yaml.Type.TEXT;
    } else if (tag.equals(Tag.INT)) {
      return Yaml.Type.WHOLE;
    } else if (tag.equals(Tag.FLOAT)) {
      return Yaml.Type.DECIMAL;
    } else if (tag.equals(Tag.BOOL)) {
      return Yaml.Type.BOOL;
    } else if (tag.equals(Tag.NULL)) {
      return Yaml.Type.NULL;
    }
    throw new Refused(line(scalar.getStartMark()), "the tag " + tag + " has no place here");
  }

  private static Refused tooDeep(int line) {
    return new Refused(line, "nested deeper than " + Manifests.MAX_DEPTH);
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(1);
  }
}
