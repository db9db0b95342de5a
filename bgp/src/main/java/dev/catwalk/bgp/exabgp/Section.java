package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the statements of a neighbour, of a template or of all neighbours of a group come to: of each
 * setting the last one, and one behind the other what adds up. To inherit it costs no more than there
 * are kinds of settings, however much was said.
 */
final class Section {
  /** So deep templates inherit from one another. */
  private static final int MOST_DEPTH = 64;

  private static final int MOST_API = 64;

  /** In which ExaBGP tells what stands in these sections. */
  private static final List<String> ORDER = List.of("announce", "static", "l2vpn", "flow");

  private final String file;
  private final ApiReader apis;
  private final Collection<String> warnings;
  private final NeighborReader checked;
  private final long before;
  private final LinkedHashMap<String, Statement> settings = new LinkedHashMap<>();
  private final LinkedHashMap<String, Statement> capabilities = new LinkedHashMap<>();
  private final SortedMap<Integer, Routes> routes = new TreeMap<>();
  private final List<NeighborConfig.Api> api = new ArrayList<>();
  private final LinkedHashSet<AfiSafi> families = new LinkedHashSet<>();
  private final SortedSet<AfiSafi> addPathFamilies = new TreeSet<>();
  private final LinkedHashSet<NeighborConfig.NextHopFamily> nextHops = new LinkedHashSet<>();
  private boolean allFamilies;
  private int depth;
  private long count;
  private long parts;

  /**
   * @param before how many routes neighbours that stand before it have beside those that lines name
   * @param warnings what has no meaning here is added
   */
  Section(String file, ApiReader apis, long before, Collection<String> warnings) {
    this.file = file;
    this.apis = apis;
    this.before = before;
    this.warnings = warnings;
    this.checked = new NeighborReader(file, warnings);
  }

  /** How many routes it has beside those that lines name. */
  long parts() {
    return parts;
  }

  List<AfiSafi> families() {
    return allFamilies ? List.of() : List.copyOf(families);
  }

  SortedSet<AfiSafi> addPathFamilies() {
    return addPathFamilies;
  }

  Collection<NeighborConfig.NextHopFamily> nextHops() {
    return nextHops;
  }

  List<NeighborConfig.Api> api() {
    return api;
  }

  /** In the order in which they are told. */
  Routes routes() {
    Routes all = new Routes();
    routes.values().forEach(all::add);
    return all;
  }

  /** What it says of that neighbour. */
  NeighborConfig neighbor(Statement section, String address) throws ConfigurationException {
    try {
      NeighborReader reader = new NeighborReader(file, warnings);
      for (Statement setting : settings.values()) {
        reader.setting(setting);
      }
      for (Statement capability : capabilities.values()) {
        reader.capability(capability);
      }
      return reader.finish(section.line(), address, this);
    } catch (MalformedException e) {
      throw new ConfigurationException(file, section.line(), String.valueOf(e.getMessage()));
    }
  }

  /** What a template says stands before what is said from now on. */
  void inherit(Section template) throws MalformedException {
    depth = Math.max(depth, template.depth + 1);
    if (depth > MOST_DEPTH) {
      throw new MalformedException(
          "templates inherit from one another " + MOST_DEPTH + " deep at most: say it in fewer");
    }
    template.settings.forEach((key, setting) -> settings.putLast(key, setting));
    template.capabilities.forEach((key, capability) -> capabilities.putLast(key, capability));
    allFamilies |= template.allFamilies;
    families.addAll(template.families);
    addPathFamilies.addAll(template.addPathFamilies);
    nextHops.addAll(template.nextHops);
    for (NeighborConfig.Api one : template.api) {
      add(one);
    }
    count(template.count, template.parts);
    template.routes.forEach((at, all) -> routes(at).add(all));
  }

  /** Reads what is said. */
  void add(List<Statement> statements) throws ConfigurationException {
    for (Statement statement : statements) {
      try {
        if (statement.block() != null) {
          block(statement);
        } else if (!statement.keyword().equals("inherit")) { // which was followed already
          checked.setting(statement);
          settings.putLast(statement.keyword(), statement);
        }
      } catch (MalformedException e) {
        throw new ConfigurationException(file, statement.line(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void block(Statement statement) throws MalformedException, ConfigurationException {
    switch (statement.keyword()) {
      case "family" -> {
        for (Statement one : statement.children()) {
          if (one.words().equals(List.of("all")) || one.words().equals(List.of("minimal"))) {
            allFamilies = true;
          } else {
            families.add(family(one));
          }
        }
      }
      case "add-path" -> {
        for (Statement one : statement.children()) {
          addPathFamilies.add(family(one));
        }
      }
      case "nexthop" -> {
        for (Statement one : statement.children()) {
          nextHop(one);
        }
      }
      case "capability" -> {
        for (Statement one : statement.children()) {
          capability(one);
        }
      }
      case "api", "process" -> add(apis.read(statement));
      case "static", "flow", "l2vpn", "announce" -> announce(statement);
      case "operational" ->
        warnings.add(file + ":" + statement.line()
            + ": operational messages are not sent: the draft was given up");
      default ->
        throw new MalformedException(
            "'" + statement.keyword() + "' is no section of a neighbor. Those are: family,"
                + " capability, add-path, nexthop, api, static, announce, flow, l2vpn");
    }
  }

  private void capability(Statement one) throws ConfigurationException {
    try {
      checked.capability(one);
    } catch (MalformedException e) {
      throw new ConfigurationException(file, one.line(), String.valueOf(e.getMessage()));
    }
    capabilities.putLast(one.keyword(), one);
  }

  private static AfiSafi family(Statement statement) throws MalformedException {
    List<String> words = statement.words();
    if (words.size() < 2) {
      throw new MalformedException(
          "'" + String.join(" ", words) + "' is no family, which has two words");
    }
    String safi = words.get(1).toLowerCase(Locale.ROOT);
    return FamilyName.parse(words.get(0), safi)
        .orElseThrow(() ->
            new MalformedException("there is no family " + words.get(0) + " " + words.get(1)));
  }

  private void nextHop(Statement statement) throws MalformedException {
    AfiSafi family = family(statement);
    String by = statement.words().size() == 3 ? statement.words().get(2) : "";
    int afi = switch (by) {
      case "ipv4" -> FamilyName.IPV4;
      case "ipv6" -> FamilyName.IPV6;
      default -> throw new MalformedException("a nexthop is AFI SAFI and then ipv4 or ipv6");
    };
    nextHops.add(new NeighborConfig.NextHopFamily(family, afi));
  }

  private void add(NeighborConfig.Api one) throws MalformedException {
    if (api.size() == MOST_API) {
      throw new MalformedException("a neighbor has " + MOST_API + " api sections at most");
    }
    api.add(one);
  }

  private Routes routes(int at) {
    return routes.computeIfAbsent(at, none -> new Routes());
  }

  private void announce(Statement section) throws ConfigurationException {
    Routes all = routes(ORDER.indexOf(section.keyword()));
    for (RouteSections.Line line : RouteSections.lines(section)) {
      try {
        List<RouteBlock> blocks = line.read();
        long size = Commands.size(blocks);
        count(size, size - 1);
        blocks.forEach(all::add);
      } catch (MalformedException e) {
        throw new ConfigurationException(file, line.at().line(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** @param besides how many of them no line names */
  private void count(long more, long besides) throws MalformedException {
    count += more;
    parts += besides;
    if (before + parts > Commands.MOST_PARTS) {
      throw new MalformedException("split and nlri make more than " + Commands.MOST_PARTS
          + " routes of this file's lines: have a process announce them");
    }
    if (count > Routes.MOST) {
      throw new MalformedException("a neighbor has " + Routes.MOST + " routes at most");
    }
  }
}
