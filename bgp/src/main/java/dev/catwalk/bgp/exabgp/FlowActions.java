package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.Optional;

/** What is to be done with the packets of a flow rule, as extended communities: RFC 8955 §7. */
final class FlowActions {
  /** No more than ExaBGP sends, octets a second. */
  private static final long MOST_RATE = 1_000_000_000_000L;

  private final AttributeWords attributes;

  FlowActions(AttributeWords attributes) {
    this.attributes = attributes;
  }

  /** @return false if that word names no action; nothing has been read then */
  boolean read(String word, Words words) throws MalformedException {
    switch (word) {
      case "accept" -> {}
      case "discard" -> add("rate-limit:0");
      case "rate-limit" ->
        add(word + ":" + Math.min(words.number(Long.MAX_VALUE, word), MOST_RATE));
      case "redirect" -> redirect(words.next(word));
      case "copy" -> {
        attributes.turnTo(words.address(word));
        add("copy-to-nexthop");
      }
      case "redirect-to-nexthop", "copy-to-nexthop" -> add(word);
      case "redirect-to-nexthop-ietf", "copy-to-nexthop-ietf", "action", "mark" ->
        add(word, words.next(word));
      case "extended-community" -> attributes.extendedCommunities(words, true);
      case "interface-set" -> {
        for (String set : words.list(word)) {
          add(word + ":" + set);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** To an address, or into a routing instance by its route target, for which there is no next hop. */
  private void redirect(String where) throws MalformedException {
    boolean bracketed = where.startsWith("[") && where.endsWith("]");
    String text = bracketed ? where.substring(1, where.length() - 1) : where;
    Optional<IpAddress> address = IpAddress.tryParse(text);
    attributes.turnTo(address.orElse(null));
    add(address.isPresent() ? "redirect-to-nexthop" : "redirect:" + where);
  }

  private void add(String... words) throws MalformedException {
    attributes.extended(ExtendedCommunityWord.read(Words.of(List.of(words))));
  }
}
