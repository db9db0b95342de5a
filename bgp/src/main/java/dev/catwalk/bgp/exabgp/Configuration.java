package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An ExaBGP configuration file in its fourth grammar: processes, templates, neighbours. A {@code group}
 * of neighbours that share settings, as older files have it, is read too.
 *
 * @param processes by name
 * @param warnings what was read and has no meaning here: {@code FILE:LINE: what}
 */
public record Configuration(
    List<NeighborConfig> neighbors,
    SortedMap<String, ProcessConfig> processes,
    List<String> warnings) {
  private static final int MOST_INHERITED = 64;

  public Configuration {
    neighbors = List.copyOf(neighbors);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a whole file.
   *
   * @param file its name, for errors
   * @throws ConfigurationException at the first thing that cannot be understood
   */
  public static Configuration parse(String file, String text) throws ConfigurationException {
    Reader reader = new Reader(file);
    return reader.read(Statement.parse(file, text, reader.warnings));
  }

  /** One reading. */
  private static final class Reader {
    private final String file;
    private final List<NeighborConfig> neighbors = new ArrayList<>();
    private final TreeMap<String, ProcessConfig> processes = new TreeMap<>();
    private final TreeMap<String, Statement> templates = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final RouteSections routes;

    Reader(String file) {
      this.file = file;
      this.routes = new RouteSections(file);
    }

    Configuration read(List<Statement> statements) throws ConfigurationException {
      for (Statement statement : statements) {
        names(statement);
        statement.children().forEach(this::names);
      }
      for (Statement statement : statements) {
        switch (statement.keyword()) {
          case "process" -> process(statement);
          case "template" -> template(statement);
          case "neighbor" -> neighbor(List.of(), statement);
          case "group" -> group(statement);
          default ->
            throw problem(
                statement,
                "'" + statement.keyword()
                    + "' is no section: process, template, neighbor or group");
        }
      }
      checkProcesses();
      return new Configuration(neighbors, processes, warnings);
    }

    private void names(Statement statement) {
      if (statement.keyword().equals("process") && statement.words().size() == 2) {
        names.add(statement.words().get(1));
      }
    }

    private ConfigurationException problem(Statement at, String what) {
      return new ConfigurationException(file, at.line(), what);
    }

    private void process(Statement section) throws ConfigurationException {
      String name = name(section, "process");
      List<String> run = List.of();
      boolean json = false;
      boolean respawn = true;
      for (Statement one : section.children()) {
        String value = one.words().size() > 1 ? one.words().get(1) : "";
        switch (one.keyword()) {
          case "run" -> run = one.words().subList(1, one.words().size());
          case "encoder" -> {
            if (!value.equals("json") && !value.equals("text")) {
              throw problem(one, "'" + value + "' is no encoder: json or text");
            }
            json = value.equals("json");
          }
          case "respawn" -> {
            try {
              respawn = value.isEmpty() || Words.flag(value, "respawn");
            } catch (MalformedException e) {
              throw problem(one, String.valueOf(e.getMessage()));
            }
          }
          default ->
            throw problem(
                one, "'" + one.keyword() + "' is not known in a process: run, encoder, respawn");
        }
      }
      if (run.isEmpty()) {
        throw problem(section, "the process " + name + " has no run: say which program it is");
      }
      if (processes.put(name, new ProcessConfig(name, run, json, respawn)) != null) {
        throw problem(section, "there is a process " + name + " already: give it another name");
      }
    }

    private String name(Statement section, String kind) throws ConfigurationException {
      if (section.words().size() != 2 || section.block() == null) {
        throw problem(section, "a " + kind + " is written " + kind + " NAME { ... }");
      }
      return section.words().get(1);
    }

    private void template(Statement section) throws ConfigurationException {
      for (Statement one : section.children()) {
        if (!one.keyword().equals("neighbor")) {
          throw problem(one, "a template holds neighbor NAME { ... }");
        }
        templates.put(name(one, "neighbor"), one);
      }
    }

    private void group(Statement section) throws ConfigurationException {
      List<Statement> shared = new ArrayList<>();
      for (Statement one : section.children()) {
        switch (one.keyword()) {
          case "process" -> process(one);
          case "neighbor" -> {}
          default -> shared.add(one);
        }
      }
      for (Statement one : section.children()) {
        if (one.keyword().equals("neighbor")) {
          neighbor(shared, one);
        }
      }
    }

    private void neighbor(List<Statement> shared, Statement section) throws ConfigurationException {
      String address = name(section, "neighbor");
      List<Statement> all = new ArrayList<>();
      inherit(section, all, 0);
      all.addAll(shared);
      all.addAll(section.children());
      NeighborConfig read =
          new NeighborReader(file, section, address, names, routes, warnings).read(all);
      for (NeighborConfig other : neighbors) {
        if (other.ends().peers().equals(read.ends().peers())
            && other.ends().localAs() == read.ends().localAs()
            && Objects.equals(other.ends().local(), read.ends().local())
            && other.ends().peerAs() == read.ends().peerAs()
            && other.ends().routerId() == read.ends().routerId()
            && other.capabilities().families().equals(read.capabilities().families())) {
          throw problem(
              section,
              "there is this neighbor " + address + " at line " + other.line()
                  + " already: remove one of both");
        }
      }
      neighbors.add(read);
    }

    /** What templates say stands before what is said here. */
    private void inherit(Statement section, List<Statement> all, int depth)
        throws ConfigurationException {
      for (Statement one : section.children()) {
        if (!one.keyword().equals("inherit")) {
          continue;
        }
        for (String name : one.words().subList(1, one.words().size())) {
          if (name.equals("[") || name.equals("]")) {
            continue;
          }
          Statement template = templates.get(name);
          if (template == null) {
            throw problem(one, "there is no template " + name + " before this line");
          }
          if (depth == MOST_INHERITED) {
            throw problem(one, "templates inherit from one another without an end");
          }
          inherit(template, all, depth + 1);
          all.addAll(template.children());
        }
      }
    }

    private void checkProcesses() throws ConfigurationException {
      for (NeighborConfig neighbor : neighbors) {
        for (NeighborConfig.Api api : neighbor.api()) {
          for (String name : api.processes()) {
            if (!processes.containsKey(name)) {
              throw new ConfigurationException(
                  file,
                  neighbor.line(),
                  "its api names the process " + name + ", which is not there: add process " + name
                      + " { run ...; encoder json; }");
            }
          }
        }
      }
    }
  }

  /** How many routes the file announces to all neighbours together. */
  public int routes() {
    return neighbors.stream().mapToInt(n -> n.routes().size()).sum();
  }
}
