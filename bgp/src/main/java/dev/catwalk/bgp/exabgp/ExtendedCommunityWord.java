package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;

/** An extended community in ExaBGP's words, as its eight octets. */
final class ExtendedCommunityWord {
  private static final int TARGET = 0x02;
  private static final int ORIGIN = 0x03;
  private static final int NOT_TRANSITIVE = 0x40;
  private static final long MOST_AS2 = 0xffff;

  private ExtendedCommunityWord() {}

  /** @param words at the word; it may take the one behind it, as {@code action sample} does */
  static byte[] read(Words words) throws MalformedException {
    String word = words.next("an extended community");
    if (Words.isHex(word)) {
      byte[] octets = Output.hex(word);
      if (octets.length != 8) {
        throw new MalformedException("'" + word + "' is no extended community, which has 8 octets");
      }
      return octets;
    }
    String[] parts = word.split(":", -1);
    Output out = new Output();
    switch (parts[0]) {
      case "copy-to-nexthop" -> out.u16(0x0800).u32(0).u16(1);
      case "redirect-to-nexthop" -> out.u16(0x0800).u32(0).u16(0);
      case "copy-to-nexthop-ietf" -> toNextHop(words, out, 1);
      case "redirect-to-nexthop-ietf" -> toNextHop(words, out, 0);
      case "action" -> out.u16(0x8007).u32(0).u16(action(words.next("an action")));
      case "mark" -> out.u16(0x8009).u32(0).u16(words.number(63, "DSCP"));
      default ->
        parts(
            parts.length == 2 && isTarget(parts[0]) ? ("target:" + word).split(":", -1) : parts,
            word,
            out);
    }
    return out.toBytes();
  }

  /** Whether this begins a community without a name, which is a route target. */
  private static boolean isTarget(String first) {
    return !first.isEmpty() && Character.isDigit(first.charAt(0));
  }

  private static void toNextHop(Words words, Output out, int copy) throws MalformedException {
    IpAddress hop = words.address("a next hop");
    out.u16(hop.isV4() ? 0x010c : 0x000c).address(hop).u16(copy);
  }

  private static int action(String word) throws MalformedException {
    return switch (word) {
      case "sample" -> 2;
      case "terminal" -> 1;
      case "sample-terminal" -> 3;
      default ->
        throw new MalformedException(
            "'" + word + "' is no action: sample, terminal or sample-terminal");
    };
  }

  private static void parts(String[] parts, String word, Output out) throws MalformedException {
    switch (parts[0] + "/" + parts.length) {
      case "target/3" -> turned(parts, TARGET, out);
      case "target4/3" -> pair(parts, TARGET, true, out);
      case "origin/3" -> turned(parts, ORIGIN, out);
      case "origin4/3" -> pair(parts, ORIGIN, true, out);
      case "redirect/3" -> redirect(parts, out);
      case "rate-limit/2" -> out.u16(0x8006).u16(0).u32(bits(parts[1]));
      case "rate-limit/3" ->
        out.u16(0x8006).u16(Words.number(parts[1], MOST_AS2, "AS number")).u32(bits(parts[2]));
      case "bandwidth/3" ->
        out.u16(0x4004).u16(Words.number(parts[1], MOST_AS2, "AS number")).u32(bits(parts[2]));
      case "mark/2" -> out.u16(0x8009).u32(0).u16(Words.number(parts[1], 63, "DSCP"));
      case "l2info/5" ->
        out.u16(0x800a)
            .u8(Words.number(parts[1], 255, "encapsulation"))
            .u8(Words.number(parts[2], 255, "control"))
            .u16(Words.number(parts[3], 0xffff, "MTU"))
            .u16(Words.number(parts[4], 0xffff, "preference"));
      case "interface-set/5" -> interfaceSet(parts, out);
      case "mup/3" ->
        out.u16(0x0c00)
            .u16(Words.number(parts[1], 0xffff, "number"))
            .u32(Words.number(parts[2], 0xffffffffL, "number"));
      default -> throw new MalformedException("'" + word + "' is no extended community");
    }
  }

  private static int bits(String rate) throws MalformedException {
    try {
      return Float.floatToIntBits(Float.parseFloat(rate));
    } catch (NumberFormatException e) {
      throw new MalformedException("'" + rate + "' is no rate");
    }
  }

  /** An address or an AS, and a number: the first decides how long both are. */
  private static void pair(String[] parts, int subtype, boolean four, Output out)
      throws MalformedException {
    if (isAddress(parts[1])) {
      out.u8(1).u8(subtype).address(Words.address(parts[1], "a community's first half"));
      out.u16(Words.number(parts[2], 0xffff, "number"));
      return;
    }
    boolean marked = parts[1].endsWith("L");
    long as = Words.as(marked ? parts[1].substring(0, parts[1].length() - 1) : parts[1]);
    if (as > MOST_AS2 || four || marked) {
      out.u8(2).u8(subtype).u32(as).u16(Words.number(parts[2], 0xffff, "number"));
    } else {
      out.u8(0).u8(subtype).u16(as).u32(Words.number(parts[2], 0xffffffffL, "number"));
    }
  }

  /** {@code AS:ADDRESS} too, where the address takes the number's place. */
  private static void turned(String[] parts, int subtype, Output out) throws MalformedException {
    if (isAddress(parts[2])) {
      IpAddress address = Words.address(parts[2], "a community's second half");
      out.u8(0).u8(subtype).u16(Words.number(parts[1], MOST_AS2, "AS number")).address(address);
    } else {
      pair(parts, subtype, false, out);
    }
  }

  private static void redirect(String[] parts, Output out) throws MalformedException {
    if (isAddress(parts[1])) {
      out.u16(0x8108).address(Words.address(parts[1], "where to redirect to"));
      out.u16(Words.number(parts[2], 0xffff, "number"));
      return;
    }
    long as = Words.as(parts[1]);
    if (as > MOST_AS2) {
      out.u16(0x8208).u32(as).u16(Words.number(parts[2], 0xffff, "number"));
    } else {
      out.u16(0x8008).u16(as).u32(Words.number(parts[2], 0xffffffffL, "number"));
    }
  }

  private static boolean isAddress(String word) {
    return word.chars().filter(c -> c == '.').count() == 3;
  }

  private static void interfaceSet(String[] parts, Output out) throws MalformedException {
    int direction = switch (parts[2]) {
      case "input" -> 1;
      case "output" -> 2;
      case "input-output" -> 3;
      default ->
        throw new MalformedException(
            "'" + parts[2] + "' is no direction: input, output or input-output");
    };
    boolean transitive = parts[1].equals("transitive");
    if (!transitive && !parts[1].equals("non-transitive")) {
      throw new MalformedException(
          "'" + parts[1] + "' stands where transitive or non-transitive must");
    }
    out.u8(0x07 | (transitive ? 0 : NOT_TRANSITIVE)).u8(2).u32(Words.as(parts[3]));
    out.u16(direction << 14 | Words.number(parts[4], 0x3fff, "group"));
  }
}
