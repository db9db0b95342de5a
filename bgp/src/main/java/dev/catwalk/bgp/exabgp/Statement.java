package dev.catwalk.bgp.exabgp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a configuration file: words up to a semicolon, or words and a block of statements in
 * braces.
 *
 * @param line where it begins, from 1
 * @param block null: it ended with a semicolon
 */
record Statement(int line, List<String> words, @Nullable List<Statement> block) {
  private static final int MOST_DEPTH = 16;
  private static final String ALONE = "[](){};";

  Statement {
    words = List.copyOf(words);
  }

  String keyword() {
    return words.isEmpty() ? "" : words.getFirst();
  }

  /** The statements between its braces. */
  List<Statement> children() {
    return block == null ? List.of() : block;
  }

  /** All of its words and those in its block, without the punctuation. */
  List<String> flat() {
    List<String> all = new ArrayList<>(words);
    for (Statement child : children()) {
      all.addAll(child.flat());
    }
    return all;
  }

  private record Token(int line, String text, boolean quoted) {
    boolean is(String sign) {
      return !quoted && text.equals(sign);
    }
  }

  /**
   * The statements of a whole file.
   *
   * @param warnings is added that a section is not closed at its end, which ExaBGP takes as closed
   */
  static List<Statement> parse(String file, String text, Collection<String> warnings)
      throws ConfigurationException {
    Deque<List<Statement>> open = new ArrayDeque<>();
    Deque<Statement> headers = new ArrayDeque<>();
    open.push(new ArrayList<>());
    List<String> words = new ArrayList<>();
    int line = 1;
    for (Token token : tokens(file, text)) {
      if (words.isEmpty()) {
        line = token.line;
      }
      if (token.is(";")) {
        if (!words.isEmpty()) {
          open.element().add(new Statement(line, words, null));
          words = new ArrayList<>();
        }
      } else if (token.is("{")) {
        if (words.isEmpty() || headers.size() == MOST_DEPTH) {
          throw new ConfigurationException(
              file, line, "'{' must follow the name of a section, " + MOST_DEPTH + " deep at most");
        }
        headers.push(new Statement(line, words, null));
        open.push(new ArrayList<>());
        words = new ArrayList<>();
      } else if (token.is("}")) {
        if (!words.isEmpty()) {
          throw new ConfigurationException(
              file, line, "'" + String.join(" ", words) + "' must end with ';'");
        }
        if (headers.isEmpty()) {
          throw new ConfigurationException(file, line, "'}' closes nothing: remove it");
        }
        Statement header = headers.pop();
        List<Statement> block = open.pop();
        open.element().add(new Statement(header.line, header.words, List.copyOf(block)));
      } else {
        words.add(token.text);
      }
    }
    if (!words.isEmpty()) {
      throw new ConfigurationException(
          file, line, "'" + String.join(" ", words) + "' must end with ';'");
    }
    while (!headers.isEmpty()) {
      Statement header = headers.pop();
      warnings.add(file + ":" + header.line + ": the section " + header.keyword()
          + " is not closed: '}' is missing at its end");
      List<Statement> block = open.pop();
      open.element().add(new Statement(header.line, header.words, List.copyOf(block)));
    }
    return List.copyOf(open.element());
  }

  private static List<Token> tokens(String file, String text) throws ConfigurationException {
    List<Token> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int line = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '#') {
        finish(line, word, tokens);
        while (i + 1 < text.length() && text.charAt(i + 1) != '\n') {
          i++;
        }
      } else if ((c == '"' || c == '\'') && word.isEmpty()) {
        int end = text.indexOf(c, i + 1);
        int newline = text.indexOf('\n', i + 1);
        if (end < 0 || newline >= 0 && newline < end) {
          throw new ConfigurationException(file, line, "the quote is not closed on its line");
        }
        tokens.add(new Token(line, text.substring(i + 1, end), true));
        i = end;
      } else if (Character.isWhitespace(c) || c == ',' || c == '\\') {
        finish(line, word, tokens);
        line += c == '\n' ? 1 : 0;
      } else if (ALONE.indexOf(c) >= 0) {
        finish(line, word, tokens);
        tokens.add(new Token(line, String.valueOf(c), false));
      } else {
        word.append(c);
      }
    }
    finish(line, word, tokens);
    return tokens;
  }

  private static void finish(int line, StringBuilder word, List<Token> tokens) {
    if (!word.isEmpty()) {
      tokens.add(new Token(line, word.toString(), false));
      word.setLength(0);
    }
  }
}
