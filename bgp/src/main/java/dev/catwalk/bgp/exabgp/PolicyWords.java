package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A segment routing policy in ExaBGP's words: its route (RFC 9830 §2.1) and its tunnel (§2.4). */
final class PolicyWords {
  private static final int SR_POLICY = 15;
  private static final int BEHAVIOUR_LENGTHS = 4;
  private static final int HAS_BEHAVIOUR = 0x1000;

  private long distinguisher;
  private long color;
  private @Nullable IpAddress endpoint;
  private final Output parts = new Output();
  private final List<Output> lists = new ArrayList<>();
  private final Output names = new Output();

  /** @return false if the word is none of a policy's own */
  boolean read(String word, Words words) throws MalformedException {
    switch (word) {
      case "distinguisher" -> distinguisher = words.number(0xffffffffL, word);
      case "color" -> color = words.number(0xffffffffL, word);
      case "endpoint" -> endpoint = words.address(word);
      case "preference" -> parts.u8(12).u8(6).u16(0).u32(words.number(0xffffffffL, word));
      case "priority" -> parts.u8(15).u8(2).u8(words.number(255, word)).u8(0);
      case "enlp" -> parts.u8(14).u8(3).u16(0).u8(words.number(255, word));
      case "binding-sid" -> parts.u8(13).u8(6).u16(0).u32(words.number(0xfffff, "label") << 12);
      case "srv6-binding-sid" -> parts.u8(20).u8(18).u16(0).address(words.address(word));
      case "segment-list" -> lists.add(new Output().u8(0));
      case "weight" -> list().u8(9).u8(6).u16(0).u32(words.number(0xffffffffL, word));
      case "segment" -> segment(words);
      case "policy-name" -> name(130, words.next(word));
      case "candidate-path-name" -> name(129, words.next(word));
      default -> {
        return false;
      }
    }
    return true;
  }

  private Output list() throws MalformedException {
    if (lists.isEmpty()) {
      throw new MalformedException("weight and segment stand behind segment-list");
    }
    return lists.getLast();
  }

  private void segment(Words words) throws MalformedException {
    Output list = list();
    String type = words.next("type-a or type-b");
    switch (type) {
      case "type-a" -> {
        words.take("mpls");
        list.u8(1).u8(6).u16(0).u32(words.number(0xfffff, "label") << 12);
      }
      case "type-b" -> {
        words.expect("srv6", "a segment");
        IpAddress sid = words.address("a SID");
        boolean behaviour = words.take("endpoint-behavior");
        list.u8(13).u8(behaviour ? 26 : 18).u16(behaviour ? HAS_BEHAVIOUR : 0).address(sid);
        if (behaviour) {
          list.u16(words.number(0xffff, "behaviour")).u16(0);
          for (int i = 0; i < BEHAVIOUR_LENGTHS; i++) {
            list.u8(words.number(255, "length"));
          }
        }
      }
      default -> throw new MalformedException("'" + type + "' is neither type-a nor type-b");
    }
  }

  private void name(int type, String name) {
    byte[] octets = name.getBytes(StandardCharsets.UTF_8);
    names.u8(type).u16(octets.length + 1L).u8(0).add(octets);
  }

  byte[] tunnel() {
    Output all = new Output().add(parts);
    lists.forEach(list -> all.u8(128).u16(list.size()).add(list));
    all.add(names);
    return new Output().u16(SR_POLICY).u16(all.size()).add(all).toBytes();
  }

  byte[] route() throws MalformedException {
    if (endpoint == null) {
      throw new MalformedException("a segment routing policy needs an endpoint");
    }
    byte[] octets = endpoint.toBytes();
    return new Output()
        .u8(64 + octets.length * 8L)
        .u32(distinguisher)
        .u32(color)
        .add(octets)
        .toBytes();
  }
}
