package dev.catwalk.acl.render;

import dev.catwalk.acl.calc.AddressSet;
import dev.catwalk.acl.calc.Member;
import dev.catwalk.acl.calc.Program;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.net.addr.Family;
import java.util.Locale;

/** How ipsets of a family are called and what is in them, as {@code ipset save} would print it. */
record SetNames(Family family) {

  String of(AddressSet set) {
    return of(set.id());
  }

  String of(String id) {
    return "cw-" + digit() + id;
  }

  /** Addresses with the interface that they are behind. */
  String pods() {
    return "cw-" + digit() + "pods";
  }

  /** The same of those that have that program. */
  String pods(Program program) {
    char direction = program.direction() == Direction.INGRESS ? 'i' : 'e';
    return "cw-" + digit() + direction + "-" + program.id();
  }

  private char digit() {
    return switch (family) {
      case IPV4 -> '4';
      case IPV6 -> '6';
    };
  }

  static String type(AddressSet.Kind kind) {
    return switch (kind) {
      case ADDRESSES -> "hash:ip";
      case NETS -> "hash:net";
      case PORTS -> "hash:ip,port";
    };
  }

  static String member(Member member) {
    String address = member.prefix().isHost()
        ? member.prefix().address().toString()
        : member.prefix().toString();
    return member
        .protocol()
        .map(p -> address + "," + word(p) + ":" + member.port())
        .orElse(address);
  }

  /** As iptables and ipset write it. */
  static String word(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT);
  }
}
