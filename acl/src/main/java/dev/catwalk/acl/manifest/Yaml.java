package dev.catwalk.acl.manifest;

import java.util.List;

/** A value of a document and the line, from 1, that it begins on. */
sealed interface Yaml {
  int line();

  /** What a scalar is by its spelling. */
  enum Type {
    TEXT,
    WHOLE,
    DECIMAL,
    BOOL,
    NULL
  }

  record Scalar(int line, Type type, String text) implements Yaml {}

  record Items(int line, List<Yaml> all) implements Yaml {}

  /** Entries in the order of the document; a key may be there twice. */
  record Fields(int line, List<Entry> all) implements Yaml {}

  record Entry(int line, String key, Yaml value) {}

  /** In words, for errors. */
  default String word() {
    return switch (this) {
      case Items ignored -> "a list";
      case Fields ignored -> "a mapping";
      case Scalar scalar ->
        switch (scalar.type()) {
          case TEXT -> "a text";
          case WHOLE, DECIMAL -> "a number";
          case BOOL -> "true or false";
          case NULL -> "nothing";
        };
    };
  }
}
