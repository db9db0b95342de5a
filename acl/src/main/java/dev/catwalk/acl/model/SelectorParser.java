package dev.catwalk.acl.model;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Calico's selector language: {@code all()}, {@code has(KEY)}, {@code ==}, {@code !=}, {@code
 * in}, {@code not in}, {@code contains}, {@code starts with}, {@code ends with}, {@code !}, {@code
 * &&}, {@code ||} and parentheses; {@code &&} binds tighter than {@code ||}.
 */
final class SelectorParser {
  /** Longer texts are refused. */
  static final int MAX_LENGTH = 65_536;

  /** Parentheses and negations in one another. */
  static final int MAX_DEPTH = 100;

  private static final Pattern SPACE = Pattern.compile("\\s*");
  private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9_./-]{1,512}");
  private static final Pattern FUNCTION = Pattern.compile("(all|global|has)\\s*\\(\\s*");
  private static final Pattern STRING = Pattern.compile("\"([^\"]*)\"|'([^']*)'");
  private static final Pattern OPERATOR = Pattern.compile(
      "==|!=|in(?=[\\s{])|not\\s+in(?=[\\s{])|contains(?=[\\s\"'])|starts\\s*with(?=[\\s\"'])"
          + "|ends\\s*with(?=[\\s\"'])");

  private final String text;
  private int at;
  private int depth;

  private SelectorParser(String text) {
    this.text = text;
  }

  /** @throws IllegalArgumentException naming the column and what was wanted there */
  static Selector parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a selector has at most " + MAX_LENGTH + " characters, this has " + text.length());
    }
    SelectorParser parser = new SelectorParser(text);
    parser.skip(SPACE);
    if (parser.at == text.length()) {
      return new Selector.All();
    }
    Selector selector = parser.any();
    if (parser.at < text.length()) {
      throw parser.wanted("'&&', '||' or the end");
    }
    return selector;
  }

  private Selector any() {
    List<Selector> parts = new ArrayList<>();
    do {
      parts.add(every());
    } while (take("||"));
    return Selector.or(parts);
  }

  private Selector every() {
    List<Selector> parts = new ArrayList<>();
    do {
      parts.add(one());
    } while (take("&&"));
    return Selector.and(parts);
  }

  private Selector one() {
    if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a selector has at most " + MAX_DEPTH + " parentheses and '!' in one another");
    }
    Selector one;
    if (take("!")) {
      one = Selector.not(one());
    } else if (take("(")) {
      one = any();
      close();
    } else {
      String function = word(FUNCTION);
      one = function == null ? comparison() : function(function);
    }
    depth--;
    return one;
  }

  private Selector function(String opening) {
    Selector selector = opening.startsWith("has")
        ? new Selector.Has(must(KEY, "the key of a label"))
        : new Selector.All();
    close();
    return selector;
  }

  private void close() {
    if (!take(")")) {
      throw wanted("')'");
    }
  }

  private Selector comparison() {
    String key = must(KEY, "a label's key, 'has(', 'all()', '!' or '('");
    String operator = must(
            OPERATOR, "'==', '!=', 'in', 'not in', 'contains', 'starts with' or 'ends with'")
        .replaceAll("\\s+", "");
    return switch (operator) {
      case "in" -> in(key);
      case "notin" -> Selector.not(in(key));
      case "contains" -> new Selector.Part(key, Selector.Where.CONTAINS, string());
      case "startswith" -> new Selector.Part(key, Selector.Where.STARTS, string());
      case "endswith" -> new Selector.Part(key, Selector.Where.ENDS, string());
      default -> {
        Selector equal = new Selector.In(key, new TreeSet<>(List.of(string())));
        yield operator.equals("==") ? equal : Selector.not(equal);
      }
    };
  }

  private Selector in(String key) {
    if (!take("{")) {
      throw wanted("'{'");
    }
    TreeSet<String> values = new TreeSet<>();
    if (!take("}")) {
      do {
        values.add(string());
      } while (take(","));
      if (!take("}")) {
        throw wanted("',' or '}'");
      }
    }
    return new Selector.In(key, values);
  }

  private String string() {
    String quoted = must(STRING, "a text in quotes");
    return quoted.substring(1, quoted.length() - 1);
  }

  private String must(Pattern pattern, String what) {
    String word = word(pattern);
    if (word == null) {
      throw wanted(what);
    }
    return word;
  }

  /** What stands here, with the space after it behind us; null where it is something else. */
  private @Nullable String word(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
    if (!matcher.lookingAt()) {
      return null;
    }
    at = matcher.end();
    skip(SPACE);
    return matcher.group();
  }

  private boolean take(String token) {
    if (!text.startsWith(token, at)) {
      return false;
    }
    at += token.length();
    skip(SPACE);
    return true;
  }

  private void skip(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (matcher.lookingAt()) {
      at = matcher.end();
    }
  }

  private IllegalArgumentException wanted(String what) {
    String found = at == text.length() ? "the end" : "'" + text.charAt(at) + "'";
    return new IllegalArgumentException(
        "column " + (at + 1) + " of the selector: want " + what + ", found " + found);
  }
}
