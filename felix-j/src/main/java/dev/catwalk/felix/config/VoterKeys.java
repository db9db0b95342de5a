package dev.catwalk.felix.config;

import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.raftstore.voters.VoterRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** {@code store.voters}: {@code 3}, {@code 5}, {@code auto}, or a mapping. */
final class VoterKeys {
  private static final int MAX_REPLACE_AFTER_S = 7 * 86_400;
  private static final int MAX_KEY = 256;
  private static final List<IpAddress> ANY =
      List.of(IpAddress.parse("0.0.0.0"), IpAddress.parse("::"));

  private VoterKeys() {}

  /**
   * The one of section {@code store}.
   *
   * @param members what {@code store.members} says
   * @throws ConfigException also where the node lacks what one that is chosen needs
   */
  static Optional<VoterRule> read(
      YamlMap store, SortedMap<String, ListenAddress> members, String nodeName)
      throws ConfigException {
    Optional<YamlValue> found = store.find("voters");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    YamlValue value = found.get();
    VoterRule rule = value.isScalar()
        ? new VoterRule(
            count(value), VoterRule.DEFAULT.spread(), VoterRule.DEFAULT.replaceAfterMs())
        : rule(value.map());
    if (members.isEmpty()) {
      throw value.problem("the key 'members' is missing: who founded the store, or founds it: this"
          + " node alone where it is the first");
    }
    Optional<YamlValue> listen = store.find("listen");
    if (listen.isEmpty()) {
      throw value.problem("the key 'listen' is missing: where the others reach this node if it is"
          + " chosen; on a node that shall never vote leave 'voters' out");
    }
    if (!members.containsKey(nodeName)
        && ANY.contains(listen.get().listenAddress().address())) {
      throw listen
          .get()
          .problem("the others have to reach this node there if it is chosen: want an address of"
              + " its own");
    }
    return Optional.of(rule);
  }

  private static VoterRule rule(YamlMap map) throws ConfigException {
    VoterRule standard = VoterRule.DEFAULT;
    Optional<YamlValue> number = map.find("number");
    Optional<YamlValue> spread = map.find("spread");
    Optional<YamlValue> replaceAfter = map.find("replaceAfter");
    VoterRule rule = new VoterRule(
        number.isPresent() ? count(number.get()) : standard.count(),
        spread.isPresent() ? keys(spread.get()) : standard.spread(),
        replaceAfter.isPresent()
            ? 1000L * replaceAfter.get().integer(1, MAX_REPLACE_AFTER_S)
            : standard.replaceAfterMs());
    map.end();
    return rule;
  }

  private static int count(YamlValue value) throws ConfigException {
    return switch (value.text()) {
      case "3", "auto" -> 3;
      case "5" -> 5;
      default ->
        throw value.problem("'" + value.text() + "' is not one of 3, 5 and auto (3): an even number"
            + " bears no more losses than the odd one below it");
    };
  }

  private static List<String> keys(YamlValue value) throws ConfigException {
    List<String> keys = new ArrayList<>();
    for (YamlValue one : value.list()) {
      String key = one.text();
      if (keys.contains(key) || keys.size() == VoterRule.MAX_KEYS || key.length() > MAX_KEY) {
        throw one.problem("want at most " + VoterRule.MAX_KEYS + " keys of node.labels, each once,"
            + " the widest place first");
      }
      keys.add(key);
    }
    return keys;
  }
}
