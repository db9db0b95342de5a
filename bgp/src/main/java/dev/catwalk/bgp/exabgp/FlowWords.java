package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A flow rule in ExaBGP's words, as its octets: RFC 8955 §4. */
final class FlowWords {
  private static final int LAST = 0x80;
  private static final int AND = 0x40;
  private static final int LONG_LENGTH = 0xf0;
  private static final int MOST = 0xfff;

  private final int afi;
  private final SortedMap<FlowComponent, List<byte[]>> operations = new TreeMap<>();
  private final SortedMap<FlowComponent, List<byte[]>> prefixes = new TreeMap<>();

  FlowWords(int afi) {
    this.afi = afi;
  }

  /** @return false if that word names no component; nothing has been read then */
  boolean read(String word, Words words) throws MalformedException {
    Optional<FlowComponent> named = named(word);
    if (named.isEmpty()) {
      return false;
    }
    FlowComponent component = named.get();
    if (component.kind() == FlowComponent.Kind.PREFIX) {
      prefixes.computeIfAbsent(component, c -> new ArrayList<>()).add(prefix(words.next(word)));
    } else {
      operations(
          component, word, words, operations.computeIfAbsent(component, c -> new ArrayList<>()));
    }
    return true;
  }

  /** By its name in either family; that of a prefix may do without the family, which its value has. */
  private static Optional<FlowComponent> named(String word) {
    for (FlowComponent one : FlowComponent.values()) {
      if (one.name(FamilyName.IPV4).equals(word)
          || one.name(FamilyName.IPV6).equals(word)
          || one.kind() == FlowComponent.Kind.PREFIX
              && one.name(FamilyName.IPV4).equals(word + "-ipv4")) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  /**
   * In a rule for IPv6 a second number is the bits at its front that do not count. Bits behind the length
   * count for nobody; those of its last octet go as they were said, as ExaBGP's do.
   */
  private byte[] prefix(String word) throws MalformedException {
    int first = word.indexOf('/');
    int second = first < 0 ? -1 : word.indexOf('/', first + 1);
    Prefix prefix = Words.prefix(second < 0 ? word : word.substring(0, second));
    if (prefix.address().isV4() != (afi == FamilyName.IPV4)) {
      throw new MalformedException("'" + word + "' is not of the rule's family");
    }
    Output out = new Output().u8(prefix.length());
    if (afi == FamilyName.IPV6) {
      out.u8(second < 0 ? 0 : Words.number(word.substring(second + 1), prefix.length(), "offset"));
    } else if (second >= 0) {
      throw new MalformedException("'" + word + "' has an offset, which rules for IPv6 alone have");
    }
    IpAddress said = Words.address(first < 0 ? word : word.substring(0, first), "a prefix");
    return out.add(Arrays.copyOf(said.toBytes(), (prefix.length() + 7) / 8)).toBytes();
  }

  /** Added to those that were said before: any of them may hold. */
  private static void operations(
      FlowComponent component, String name, Words words, List<byte[]> all)
      throws MalformedException {
    for (String alternative : words.list(name)) {
      int operator = 0;
      for (String part : alternative.split("&", -1)) {
        all.add(operation(component, name, part, operator));
        operator = AND;
      }
    }
    if (all.isEmpty()) {
      throw new MalformedException("a component without a value");
    }
  }

  private static byte[] operation(FlowComponent component, String name, String part, int operator)
      throws MalformedException {
    boolean bits = component.kind() == FlowComponent.Kind.BITS;
    if (!bits && (part.equals("true") || part.equals("false"))) {
      return new Output().u8(operator | (part.equals("true") ? 7 : 0)).u8(0).toBytes();
    }
    int signs = 0;
    while (signs < part.length() && "=!<>".indexOf(part.charAt(signs)) >= 0) {
      signs++;
    }
    int sign = sign(part.substring(0, signs), bits);
    long value = value(component, part.substring(signs));
    int octets = value <= 0xff ? 1 : value <= 0xffff ? 2 : 4;
    if (octets > component.mostOctets() || value > component.most(name)) {
      throw new MalformedException("'" + part + "' is too large");
    }
    int length = octets == 4 ? 2 : octets - 1;
    return new Output()
        .u8(operator | length << 4 | sign)
        .unsigned(value, octets)
        .toBytes();
  }

  private static int sign(String sign, boolean bits) throws MalformedException {
    return switch (sign) {
      case "" -> bits ? 0 : 1;
      case "=" -> 1;
      case "!=" -> bits ? 3 : 6;
      case "!", ">" -> {
        if (bits != sign.equals("!")) {
          throw new MalformedException(
              "'" + sign + "' is an operator of " + (bits ? "numbers" : "flags") + " only");
        }
        yield 2;
      }
      case ">=" -> 3;
      case "<" -> 4;
      case "<=" -> 5;
      default -> throw new MalformedException("'" + sign + "' is no operator");
    };
  }

  private static long value(FlowComponent component, String word) throws MalformedException {
    long value = 0;
    for (String name :
        component.kind() == FlowComponent.Kind.BITS ? word.split("\\+", -1) : new String[] {word}) {
      Optional<Integer> named = component.value(canonical(name));
      value |= named.isPresent()
          ? named.get()
          : name.equals("not-a-fragment") ? 0 : Words.number(name, 0xffffffffL, "value");
    }
    return value;
  }

  private static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "psh" -> "push";
      case "reset" -> "rst";
      case "urgent" -> "urg";
      default -> lower;
    };
  }

  /** @param distinguisher eight octets, or none */
  byte[] toBytes(byte... distinguisher) throws MalformedException {
    Output rule = new Output().add(distinguisher);
    for (FlowComponent component : FlowComponent.values()) {
      List<byte[]> named = prefixes.get(component);
      List<byte[]> said = operations.get(component);
      if (named != null) {
        named.forEach(prefix -> rule.u8(component.code()).add(prefix));
      } else if (said != null) {
        rule.u8(component.code());
        said.subList(0, said.size() - 1).forEach(rule::add);
        byte[] last = said.getLast().clone();
        last[0] |= (byte) LAST;
        rule.add(last);
      }
    }
    if (rule.size() > MOST) {
      throw new MalformedException(
          "a flow rule of " + rule.size() + " octets, it can have " + MOST);
    }
    Output out = new Output();
    if (rule.size() < LONG_LENGTH) {
      out.u8(rule.size());
    } else {
      out.u16(0xf000 | rule.size());
    }
    return out.add(rule).toBytes();
  }
}
