package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** An {@code api} section: which processes are told what of a neighbour. */
final class ApiReader {
  private static final List<String> KINDS = List.of(
      "parsed",
      "packets",
      "consolidate",
      "open",
      "update",
      "notification",
      "keepalive",
      "refresh",
      "operational");

  private final String file;
  private final Collection<String> known;

  /** @param known the names of all processes of the file */
  ApiReader(String file, Collection<String> known) {
    this.file = file;
    this.known = known;
  }

  NeighborConfig.Api read(Statement section) throws ConfigurationException {
    List<String> processes = new ArrayList<>();
    SortedSet<String> flags = new TreeSet<>();
    SortedSet<String> receive = new TreeSet<>();
    SortedSet<String> send = new TreeSet<>();
    for (Statement one : section.children()) {
      switch (one.keyword()) {
        case "processes" -> processes.addAll(list(one));
        case "processes-match" -> processes.addAll(matching(one));
        case "neighbor-changes", "negotiated", "fsm", "signal" -> flag(one, flags);
        case "receive" -> direction(one, receive);
        case "send" -> direction(one, send);
        default ->
          throw new ConfigurationException(
              file,
              one.line(),
              "'" + one.keyword() + "' is not known in an api: processes, neighbor-changes,"
                  + " negotiated, fsm, signal, receive, send");
      }
    }
    return new NeighborConfig.Api(
        processes,
        flags.contains("neighbor-changes"),
        flags.contains("negotiated"),
        flags.contains("fsm"),
        flags.contains("signal"),
        receive,
        send);
  }

  private static List<String> list(Statement statement) {
    return statement.words().stream()
        .skip(1)
        .filter(word -> !word.equals("[") && !word.equals("]"))
        .toList();
  }

  /** The processes whose names begin as one of the regular expressions has it, as in Python. */
  private Set<String> matching(Statement statement) throws ConfigurationException {
    Set<String> found = new LinkedHashSet<>();
    for (String expression : list(statement)) {
      try {
        found.addAll(NamePattern.of(expression).matching(known));
      } catch (MalformedException e) {
        throw new ConfigurationException(file, statement.line(), String.valueOf(e.getMessage()));
      }
    }
    return found;
  }

  private void direction(Statement section, SortedSet<String> into) throws ConfigurationException {
    for (Statement one : section.children()) {
      if (!KINDS.contains(one.keyword())) {
        throw new ConfigurationException(
            file, one.line(), "'" + one.keyword() + "' is none of " + String.join(", ", KINDS));
      }
      flag(one, into);
    }
  }

  private void flag(Statement statement, SortedSet<String> into) throws ConfigurationException {
    try {
      if (statement.words().size() == 1
          || Words.flag(statement.words().get(1), statement.keyword())) {
        into.add(statement.keyword());
      }
    } catch (MalformedException e) {
      throw new ConfigurationException(file, statement.line(), String.valueOf(e.getMessage()));
    }
  }
}
