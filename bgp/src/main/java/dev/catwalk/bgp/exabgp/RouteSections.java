package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;

/** The routes of the sections {@code static}, {@code announce}, {@code flow} and {@code l2vpn}. */
final class RouteSections {
  private static final AttributeWords NOTHING = new AttributeWords();

  /**
   * One route, rule or service of a section, or several with the same attributes.
   *
   * @param words as a command has them behind its verb
   */
  record Line(Statement at, List<String> words) {
    List<RouteBlock> read() throws MalformedException {
      List<RouteBlock> said = Commands.routes(true, Words.of(words), NOTHING);
      for (RouteBlock block : said) {
        if (!block.isComplete()) {
          throw new MalformedException(
              "the route " + block.name() + " has no next-hop: add next-hop ADDRESS or self");
        }
      }
      return said;
    }
  }

  private RouteSections() {}

  static List<Line> lines(Statement section) {
    List<Line> lines = new ArrayList<>();
    for (Statement one : section.children()) {
      switch (section.keyword()) {
        case "static" -> lines.add(new Line(one, one.flat()));
        case "flow", "l2vpn" -> lines.add(new Line(one, nameless(one)));
        default -> {
          for (Statement route : one.children()) {
            List<String> words = new ArrayList<>(List.of(one.keyword()));
            words.addAll(route.flat());
            lines.add(new Line(route, words));
          }
        }
      }
    }
    return lines;
  }

  /** A rule or a VPLS may have a name, between its keyword and its block. */
  private static List<String> nameless(Statement statement) {
    List<String> words = new ArrayList<>();
    boolean named = statement.block() != null;
    words.add(statement.keyword().equals("route") ? "flow" : statement.keyword());
    if (!named) {
      words.addAll(statement.words().subList(1, statement.words().size()));
    }
    statement.children().forEach(child -> words.addAll(child.flat()));
    return words;
  }
}
