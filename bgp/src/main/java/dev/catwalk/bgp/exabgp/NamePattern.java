package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A regular expression for the names of processes, which cannot keep its reader busy for long. */
final class NamePattern {
  /** Characters of an expression, and of a name: matching nests as deep as either is long. */
  static final int MOST_LENGTH = 255;

  private static final int MOST_LOOKS = 100_000;

  private final String text;
  private final Pattern pattern;

  private NamePattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  static NamePattern of(String text) throws MalformedException {
    if (text.length() > MOST_LENGTH) {
      throw new MalformedException(
          "a regular expression has " + MOST_LENGTH + " characters at most");
    }
    try {
      return new NamePattern(text, Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      throw new MalformedException("'" + text + "' is no regular expression");
    }
  }

  /** Those that begin as it says, as in Python. */
  List<String> matching(Collection<String> names) throws MalformedException {
    Looked looked = new Looked();
    Matcher matcher = pattern.matcher(looked);
    List<String> found = new ArrayList<>();
    for (String name : names) {
      looked.name = name;
      looked.looks = 0;
      try {
        if (matcher.reset().lookingAt()) {
          found.add(name);
        }
      } catch (EndlessException e) {
        throw new MalformedException("'" + text + "' takes too long on the name " + name);
      }
    }
    return found;
  }

  /** A name that can be looked at so often: an expression may go over it again and again. */
  private static final class Looked implements CharSequence {
    private String name = "";
    private int looks;

    @Override
    public char charAt(int index) {
      if (++looks > MOST_LOOKS) {
        throw new EndlessException();
      }
      return name.charAt(index);
    }

    @Override
    public int length() {
      return name.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return name.subSequence(start, end);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final class EndlessException extends IllegalStateException {
    private static final long serialVersionUID = 1;
  }
}
