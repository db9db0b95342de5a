package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;

/** The routes of the sections {@code static}, {@code announce}, {@code flow} and {@code l2vpn}. */
final class RouteSections {
  private static final AttributeWords NOTHING = new AttributeWords();

  /** How many routes the statements of one file may stand for beside the one that each names. */
  static final int MOST_PARTS = 1 << 18;

  private final String file;
  private int parts;

  /** For one file. */
  RouteSections(String file) {
    this.file = file;
  }

  List<Route> read(Statement section) throws ConfigurationException {
    List<Route> routes = new ArrayList<>();
    for (Statement one : section.children()) {
      switch (section.keyword()) {
        case "static" -> add(one, one.flat(), routes);
        case "flow", "l2vpn" -> add(one, nameless(one), routes);
        default -> {
          for (Statement route : one.children()) {
            List<String> words = new ArrayList<>(List.of(one.keyword()));
            words.addAll(route.flat());
            add(route, words, routes);
          }
        }
      }
    }
    return routes;
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

  private void add(Statement at, List<String> words, List<Route> routes)
      throws ConfigurationException {
    try {
      List<Route> said = Commands.routes(true, Words.of(words), NOTHING);
      parts += said.size() - 1;
      if (parts > MOST_PARTS) {
        throw new MalformedException("split and nlri make more than " + MOST_PARTS
            + " routes of this file's lines: have a process announce them");
      }
      for (Route route : said) {
        if (route.isPrefix() && !route.hasNextHop()) {
          throw new MalformedException(
              "the route " + route.name() + " has no next-hop: add next-hop ADDRESS or self");
        }
        routes.add(route);
      }
    } catch (MalformedException e) {
      throw new ConfigurationException(file, at.line(), String.valueOf(e.getMessage()));
    }
  }
}
