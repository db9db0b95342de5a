package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  /** So many programs are run. */
  private static final int MOST_PROCESSES = 256;

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
    private final TreeMap<String, Section> templates = new TreeMap<>();
    private final Map<Object, Integer> lines = new HashMap<>();
    private final LinkedHashSet<String> warnings = new LinkedHashSet<>();
    private final LinkedHashSet<String> names = new LinkedHashSet<>();
    private final ApiReader apis;
    private long parts;

    Reader(String file) {
      this.file = file;
      this.apis = new ApiReader(file, names);
    }

    /** @param before routes of the file that no line names */
    private Section section(long before) {
      return new Section(file, apis, before, warnings);
    }

    Configuration read(List<Statement> statements) throws ConfigurationException {
      for (Statement statement : statements) {
        names(statement);
        if (statement.keyword().equals("group")) {
          for (Statement child : statement.children()) {
            names(child);
          }
        }
      }
      for (Statement statement : statements) {
        switch (statement.keyword()) {
          case "process" -> process(statement);
          case "template" -> template(statement);
          case "neighbor" -> neighbor(section(0), statement);
          case "group" -> group(statement);
          default ->
            throw problem(
                statement,
                "'" + statement.keyword()
                    + "' is no section: process, template, neighbor or group");
        }
      }
      checkProcesses();
      return new Configuration(neighbors, processes, List.copyOf(warnings));
    }

    private void names(Statement statement) throws ConfigurationException {
      if (statement.keyword().equals("process") && statement.words().size() == 2) {
        names.add(statement.words().get(1));
        if (statement.words().get(1).length() > NamePattern.MOST_LENGTH) {
          throw problem(
              statement,
              "the name of a process has " + NamePattern.MOST_LENGTH + " characters at most");
        }
        if (names.size() > MOST_PROCESSES) {
          throw problem(statement, "there can be " + MOST_PROCESSES + " processes at most");
        }
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
        String name = name(one, "neighbor");
        Section template = section(0);
        inherit(one, template);
        template.add(one.children());
        templates.put(name, template);
      }
    }

    private void group(Statement section) throws ConfigurationException {
      List<Statement> said = new ArrayList<>();
      for (Statement one : section.children()) {
        switch (one.keyword()) {
          case "process" -> process(one);
          case "neighbor" -> {}
          default -> said.add(one);
        }
      }
      Section shared = section(0);
      shared.add(said);
      for (Statement one : section.children()) {
        if (one.keyword().equals("neighbor")) {
          neighbor(shared, one);
        }
      }
    }

    private void neighbor(Section shared, Statement section) throws ConfigurationException {
      String address = name(section, "neighbor");
      Section all = section(parts);
      inherit(section, all);
      try {
        all.inherit(shared);
      } catch (MalformedException e) {
        throw problem(section, String.valueOf(e.getMessage()));
      }
      all.add(section.children());
      parts += all.parts();
      NeighborConfig read = all.neighbor(section, address);
      Integer line = lines.putIfAbsent(
          List.of(read.ends().identity(), read.capabilities().families()), section.line());
      if (line != null) {
        throw problem(
            section,
            "there is this neighbor " + address + " at line " + line
                + " already: remove one of both");
      }
      neighbors.add(read);
    }

    /** What templates say stands before what is said here. */
    private void inherit(Statement section, Section to) throws ConfigurationException {
      for (Statement one : section.children()) {
        if (!one.keyword().equals("inherit")) {
          continue;
        }
        for (String name : one.words().subList(1, one.words().size())) {
          if (name.equals("[") || name.equals("]")) {
            continue;
          }
          Section template = templates.get(name);
          if (template == null) {
            throw problem(one, "there is no template " + name + " before this line");
          }
          try {
            to.inherit(template);
          } catch (MalformedException e) {
            throw problem(one, String.valueOf(e.getMessage()));
          }
        }
      }
    }

    private void checkProcesses() throws ConfigurationException {
      Set<NeighborConfig.Api> checked = Collections.newSetFromMap(new IdentityHashMap<>());
      for (NeighborConfig neighbor : neighbors) {
        for (NeighborConfig.Api api : neighbor.api()) {
          if (!checked.add(api)) {
            continue; // of a template
          }
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
  public long routes() {
    return neighbors.stream().mapToLong(n -> n.routes().size()).sum();
  }
}
