package dev.catwalk.acl.manifest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A value with its place, and the list that complaints go to. Reading it as what it is not adds a
 * problem and gives something empty, so that one reading finds all problems.
 */
final class Located {
  private final String file;
  private final String path;
  private final Yaml yaml;
  private final List<Problem> problems;

  Located(String file, String path, Yaml yaml, List<Problem> problems) {
    this.file = file;
    this.path = path;
    this.yaml = yaml;
    this.problems = problems;
  }

  Yaml yaml() {
    return yaml;
  }

  int line() {
    return yaml.line();
  }

  void problem(String what, String hint) {
    problems.add(new Problem(file, yaml.line(), path, what, hint));
  }

  /** A complaint about a field of this mapping that is not there. */
  void missing(String name, String hint) {
    problems.add(new Problem(file, yaml.line(), join(name), "is missing", hint));
  }

  /** The value of a field; nothing where it is missing, null, or this is no mapping. */
  Optional<Located> field(String name) {
    if (yaml instanceof Yaml.Fields fields) {
      for (Yaml.Entry entry : fields.all()) {
        if (entry.key().equals(name)
            && !(entry.value() instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.NULL)) {
          return Optional.of(new Located(file, join(name), entry.value(), problems));
        }
      }
    }
    return Optional.empty();
  }

  /** Requires a mapping that has no fields but these, and none twice. */
  void only(String... known) {
    if (!(yaml instanceof Yaml.Fields)) {
      problem("is " + yaml.word() + ", want a mapping", "");
      return;
    }
    List<String> names = Arrays.asList(known);
    for (Yaml.Entry entry : entries()) {
      if (!names.contains(entry.key())) {
        problems.add(new Problem(
            file, entry.line(), join(entry.key()), "is no known field", hint(entry.key(), names)));
      }
    }
  }

  /** The entries of a mapping whose keys are the author's own names; complains of doubles. */
  List<Yaml.Entry> entries() {
    if (!(yaml instanceof Yaml.Fields fields)) {
      problem("is " + yaml.word() + ", want a mapping", "");
      return List.of();
    }
    SortedSet<String> seen = new TreeSet<>();
    for (Yaml.Entry entry : fields.all()) {
      if (!seen.add(entry.key())) {
        problems.add(
            new Problem(file, entry.line(), join(entry.key()), "is here twice", "keep one"));
      }
    }
    return fields.all();
  }

  /** The value of one of {@link #entries}. */
  Located at(Yaml.Entry entry) {
    return new Located(file, join(entry.key()), entry.value(), problems);
  }

  List<Located> items() {
    if (!(yaml instanceof Yaml.Items items)) {
      problem("is " + yaml.word() + ", want a list", "begin each element with '- '");
      return List.of();
    }
    List<Located> all = new ArrayList<>();
    for (Yaml item : items.all()) {
      all.add(new Located(file, path + "[" + all.size() + "]", item, problems));
    }
    return all;
  }

  /** The elements of a list field; none where it is missing. */
  List<Located> items(String name) {
    return field(name).map(Located::items).orElse(List.of());
  }

  Optional<String> text() {
    if (yaml instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.TEXT) {
      return Optional.of(scalar.text());
    }
    problem(
        "is " + yaml.word() + ", want a text",
        yaml instanceof Yaml.Scalar ? "put it in quotes" : "");
    return Optional.empty();
  }

  boolean isWhole() {
    return yaml instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.WHOLE;
  }

  Optional<Boolean> bool() {
    if (yaml instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.BOOL) {
      return Optional.of(Boolean.valueOf(scalar.text()));
    }
    problem("is " + yaml.word() + ", want true or false", "");
    return Optional.empty();
  }

  /** A whole number from 1 to 65535. */
  Optional<Integer> portNumber() {
    if (!(yaml instanceof Yaml.Scalar scalar) || !isWhole()) {
      problem("is " + yaml.word() + ", want a port number", "1 to 65535, without quotes");
      return Optional.empty();
    }
    String text = scalar.text();
    int value = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    if (value < 1 || value > 65535) {
      problem(text + " is no port number", "1 to 65535");
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String hint(String name, List<String> known) {
    for (String one : known) {
      if (one.equalsIgnoreCase(name) || oneEditApart(one, name)) {
        return "did you mean " + one + "?";
      }
    }
    return known.size() > 12 ? "" : "known here: " + String.join(", ", known);
  }

  /** One letter more, less, other, or two neighbours swapped. */
  private static boolean oneEditApart(String a, String b) {
    int start = 0;
    while (start < a.length() && start < b.length() && a.charAt(start) == b.charAt(start)) {
      start++;
    }
    String restA = a.substring(start);
    String restB = b.substring(start);
    if (restA.isEmpty() || restB.isEmpty()) {
      return restA.length() + restB.length() <= 1;
    }
    return restA.substring(1).equals(restB)
        || restA.equals(restB.substring(1))
        || restA.substring(1).equals(restB.substring(1))
        || restA.length() > 1
            && restB.length() > 1
            && restA.charAt(0) == restB.charAt(1)
            && restA.charAt(1) == restB.charAt(0)
            && restA.substring(2).equals(restB.substring(2));
  }
}
