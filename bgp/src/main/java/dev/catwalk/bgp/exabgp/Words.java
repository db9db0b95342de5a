package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The words of a command, one after the other. Brackets and parentheses are words of their own; commas
 * separate like blanks, and so does a backslash with an n, which processes write to have a rule in one
 * line; a word in quotes may hold blanks.
 */
final class Words {
  private static final String ALONE = "[](){};";

  private final List<String> words;
  private int at;

  private Words(List<String> words) {
    this.words = words;
  }

  static Words of(String line) throws MalformedException {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
        if (!quoted) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else if (quoted) {
        word.append(c);
      } else if (Character.isWhitespace(c) || c == ',') {
        finish(word, words);
      } else if (line.startsWith("\\n", i)) {
        finish(word, words);
        i++;
      } else if (ALONE.indexOf(c) >= 0) {
        finish(word, words);
        words.add(String.valueOf(c));
      } else {
        word.append(c);
      }
    }
    if (quoted) {
      throw new MalformedException("a quote is not closed");
    }
    finish(word, words);
    return new Words(words);
  }

  /** Of words that were taken apart already. */
  static Words of(List<String> words) {
    return new Words(List.copyOf(words));
  }

  /** All that is left, with a blank between two; without going on. */
  String rest() {
    return String.join(" ", words.subList(at, words.size()));
  }

  /** Whether behind one of these words, as far as is left, one follows that has that character. */
  boolean names(List<String> some, char sign) {
    for (int i = at; i + 1 < words.size(); i++) {
      if (some.contains(words.get(i)) && words.get(i + 1).indexOf(sign) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Goes on behind the next word if a block begins there: then it is the name of the block. */
  void skipName() {
    if (at + 1 < words.size()
        && words.get(at + 1).equals("{")
        && ALONE.indexOf(words.get(at)) < 0) {
      at++;
    }
  }

  private static void finish(StringBuilder word, List<String> words) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  boolean hasMore() {
    return at < words.size();
  }

  /** The next word without going on; empty at the end. */
  String peek() {
    return hasMore() ? words.get(at) : "";
  }

  String next(String what) throws MalformedException {
    if (!hasMore()) {
      throw new MalformedException("the command ends where " + what + " must stand");
    }
    return words.get(at++);
  }

  /** Goes on if that is the next word. */
  boolean take(String word) {
    boolean there = peek().equals(word);
    if (there) {
      at++;
    }
    return there;
  }

  void expect(String word, String what) throws MalformedException {
    String seen = next(what);
    if (!seen.equals(word)) {
      throw new MalformedException("'" + seen + "' stands where '" + word + "' must, in " + what);
    }
  }

  /** One word, or those between brackets. */
  List<String> list(String what) throws MalformedException {
    if (!take("[")) {
      return List.of(next(what));
    }
    List<String> all = new ArrayList<>();
    while (!take("]")) {
      all.add(next(what));
    }
    return all;
  }

  /** What stands between semicolons. */
  List<Words> split() {
    List<Words> parts = new ArrayList<>();
    List<String> part = new ArrayList<>();
    for (String word : words.subList(at, words.size())) {
      if (word.equals(";")) {
        parts.add(new Words(part));
        part = new ArrayList<>();
      } else {
        part.add(word);
      }
    }
    parts.add(new Words(part));
    parts.removeIf(words -> !words.hasMore());
    return parts;
  }

  /** A number from 0 to {@code most}, decimal or with {@code 0x}. */
  long number(long most, String what) throws MalformedException {
    return number(next(what), most, what);
  }

  static long number(String word, long most, String what) throws MalformedException {
    try {
      long value =
          isHex(word) ? Long.parseUnsignedLong(word.substring(2), 16) : Long.parseLong(word);
      if (value >= 0 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below, as for a number that is too large
    }
    throw new MalformedException(
        "'" + word + "' is no " + what + ", which is a number from 0 to " + most);
  }

  /** Whether it is written as hexadecimal digits. */
  static boolean isHex(String word) {
    return word.startsWith("0x") || word.startsWith("0X");
  }

  /** A number of at most that many octets, most significant first; decimal or with {@code 0x}. */
  static byte[] large(String word, int octets, String what) throws MalformedException {
    try {
      BigInteger value = isHex(word) ? new BigInteger(word.substring(2), 16) : new BigInteger(word);
      if (value.signum() >= 0 && value.bitLength() <= 8 * octets) {
        byte[] digits = value.toByteArray();
        byte[] padded = new byte[octets];
        int length = Math.min(digits.length, octets);
        System.arraycopy(digits, digits.length - length, padded, octets - length, length);
        return padded;
      }
    } catch (NumberFormatException e) {
      // said below, as for a number that is too large
    }
    throw new MalformedException(
        "'" + word + "' is no " + what + ", which is a number of " + octets + " octets at most");
  }

  /** RFC 5396: plain or with a dot. */
  static long as(String word) throws MalformedException {
    int dot = word.indexOf('.');
    if (dot < 0) {
      return number(word, 0xffffffffL, "AS number");
    }
    return number(word.substring(0, dot), 0xffff, "AS number") << 16
        | number(word.substring(dot + 1), 0xffff, "AS number");
  }

  /** ExaBGP's words for yes and no. */
  static boolean flag(String word, String what) throws MalformedException {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "enable", "enabled", "on", "1", "require" -> true;
      case "false", "no", "disable", "disabled", "off", "0", "refuse" -> false;
      default ->
        throw new MalformedException(
            "'" + word + "' is no value of " + what + ": enable or disable");
    };
  }

  IpAddress address(String what) throws MalformedException {
    return address(next(what), what);
  }

  static IpAddress address(String word, String what) throws MalformedException {
    return IpAddress.tryParse(word)
        .orElseThrow(
            () -> new MalformedException("'" + word + "' is no address, as " + what + " must be"));
  }

  /** A prefix; without a length it is a host. Bits behind the length do not count. */
  static Prefix prefix(String word) throws MalformedException {
    int slash = word.indexOf('/');
    IpAddress address = address(slash < 0 ? word : word.substring(0, slash), "a prefix");
    int most = address.isV4() ? 32 : 128;
    int length = slash < 0 ? most : (int) number(word.substring(slash + 1), most, "prefix length");
    return Prefix.of(address, length);
  }
}
