package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import org.jspecify.annotations.Nullable;

/** A route of the mobile user plane in ExaBGP's words, draft-mpmz-bess-mup-safi §3. */
final class MobileWords {
  private static final int OF_5G = 1;

  private final int type;
  private final Prefix prefix;
  private long tunnel;
  private int tunnelBits = 32;
  private long flow;
  private @Nullable IpAddress endpoint;
  private @Nullable IpAddress source;

  MobileWords(Words words) throws MalformedException {
    String kind = words.next("mup-isd, mup-dsd, mup-t1st or mup-t2st");
    type = switch (kind) {
      case "mup-isd" -> 1;
      case "mup-dsd" -> 2;
      case "mup-t1st" -> 3;
      case "mup-t2st" -> 4;
      default ->
        throw new MalformedException(
            "'" + kind + "' is none of mup-isd, mup-dsd, mup-t1st and mup-t2st");
    };
    prefix = Words.prefix(words.next("an address"));
  }

  /** @return false if the word is none of these routes' own */
  boolean read(String word, Words words) throws MalformedException {
    switch (word) {
      case "teid" -> teid(words.next(word));
      case "qfi" -> flow = words.number(255, word);
      case "endpoint" -> endpoint = words.address(word);
      case "source" -> source = words.address(word);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** With the number of bits that count of it, where that can be said. */
  private void teid(String word) throws MalformedException {
    int slash = word.indexOf('/');
    tunnel = Words.number(slash < 0 ? word : word.substring(0, slash), 0xffffffffL, "teid");
    if (slash >= 0) {
      tunnelBits = (int) Words.number(word.substring(slash + 1), 32, "length of the teid");
    }
  }

  byte[] toBytes(byte... distinguisher) throws MalformedException {
    Output out = new Output().add(distinguisher);
    switch (type) {
      case 1 -> out.u8(prefix.length()).prefix(prefix);
      case 2 -> out.address(prefix.address());
      case 3 -> {
        out.u8(prefix.length()).prefix(prefix).u32(tunnel).u8(flow);
        if (endpoint == null) {
          throw new MalformedException("mup-t1st needs an endpoint");
        }
        address(endpoint, out);
        if (source != null) {
          address(source, out);
        }
      }
      default ->
        out.u8(prefix.address().toBytes().length * 8L + tunnelBits)
            .address(prefix.address())
            .unsigned(tunnel, (tunnelBits + 7) / 8);
    }
    return new Output().u8(OF_5G).u16(type).u8(out.size()).add(out).toBytes();
  }

  private static void address(IpAddress address, Output out) {
    out.u8(address.toBytes().length * 8L).address(address);
  }
}
