package dev.catwalk.felix.config;

import dev.catwalk.bgp.policy.FilterRule;
import dev.catwalk.bgp.policy.FilterRule.Operation;
import dev.catwalk.bgp.policy.FilterRule.Operator;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** {@code bgp.filters}: rules for routes by name, with the keys of Calico's BGPFilter. */
final class FilterKeys {
  private static final long MAX_NUMBER = 0xffff_ffffL;
  private static final TreeMap<String, Integer> WELL_KNOWN = new TreeMap<>();

  static {
    WELL_KNOWN.put("no-export", Communities.NO_EXPORT);
    WELL_KNOWN.put("no-advertise", Communities.NO_ADVERTISE);
    WELL_KNOWN.put("no-export-subconfed", Communities.NO_EXPORT_SUBCONFED);
    WELL_KNOWN.put("graceful-shutdown", Communities.GRACEFUL_SHUTDOWN);
    WELL_KNOWN.put("blackhole", Communities.BLACKHOLE);
    WELL_KNOWN.put("llgr-stale", Communities.LLGR_STALE);
    WELL_KNOWN.put("no-llgr", Communities.NO_LLGR);
  }

  /** What one name stands for, each way. */
  record Filter(RouteFilter imports, RouteFilter exports) {
    static final Filter NONE = new Filter(RouteFilter.NONE, RouteFilter.NONE);
  }

  private FilterKeys() {}

  static TreeMap<String, Filter> read(YamlMap section) throws ConfigException {
    TreeMap<String, Filter> filters = new TreeMap<>();
    Optional<YamlValue> value = section.find("filters");
    if (value.isEmpty()) {
      return filters;
    }
    YamlMap byName = value.get().map();
    for (String name : byName.names()) {
      YamlMap map = byName.get(name).map();
      Filter filter = new Filter(
          new RouteFilter(rules(map, "importV4", Family.IPV4), rules(map, "importV6", Family.IPV6)),
          new RouteFilter(
              rules(map, "exportV4", Family.IPV4), rules(map, "exportV6", Family.IPV6)));
      map.end();
      filters.put(name, filter);
    }
    return filters;
  }

  /** The filters that a peer names, in that order, as one. */
  static Filter of(YamlMap peer, Map<String, Filter> filters) throws ConfigException {
    Filter all = Filter.NONE;
    for (YamlValue value : peer.list("filters")) {
      Filter one = filters.get(value.text());
      if (one == null) {
        throw value.problem("there is no filter '" + value.text() + "' in bgp.filters");
      }
      all = new Filter(all.imports().then(one.imports()), all.exports().then(one.exports()));
    }
    return all;
  }

  private static List<FilterRule> rules(YamlMap map, String key, Family family)
      throws ConfigException {
    List<FilterRule> rules = new ArrayList<>();
    for (YamlValue value : map.list(key)) {
      YamlMap rule = value.map();
      rules.add(rule(rule, family));
      rule.end();
    }
    return rules;
  }

  private static FilterRule rule(YamlMap map, Family family) throws ConfigException {
    boolean accepts = map.get("action").word("Accept", "Reject").equals("Accept");
    Optional<YamlValue> source = map.find("source");
    if (source.isPresent()) {
      source.get().word("RemotePeers");
    }
    Optional<YamlValue> link = map.find("interface");
    Optional<YamlValue> peer = map.find("peerType");
    Optional<YamlValue> priority = map.find("priority");
    List<Long> path = new ArrayList<>();
    for (YamlValue as : map.list("asPathPrefix")) {
      path.add(as.number(1, MAX_NUMBER));
    }
    List<Operation> operations = new ArrayList<>();
    for (YamlValue operation : map.list("operations")) {
      if (!accepts) {
        throw operation.problem("a route that is rejected is not changed: operations need Accept");
      }
      operations.add(operation(operation.map()));
    }
    return new FilterRule(
        accepts,
        prefixes(map, family),
        source.isPresent(),
        link.isPresent() ? Optional.of(link.get().text()) : Optional.empty(),
        peer.isPresent()
            ? Optional.of(
                peer.get().word("eBGP", "iBGP").equals("eBGP")
                    ? FilterRule.PeerType.EBGP
                    : FilterRule.PeerType.IBGP)
            : Optional.empty(),
        community(map),
        path,
        priority.isPresent()
            ? OptionalLong.of(priority.get().number(0, MAX_NUMBER))
            : OptionalLong.empty(),
        operations);
  }

  private static Optional<FilterRule.Prefixes> prefixes(YamlMap map, Family family)
      throws ConfigException {
    Optional<YamlValue> cidr = map.find("cidr");
    Optional<YamlValue> operator = map.find("matchOperator");
    Optional<YamlValue> length = map.find("prefixLength");
    if (cidr.isEmpty()) {
      for (Optional<YamlValue> needs : List.of(operator, length)) {
        if (needs.isPresent()) {
          throw needs.get().problem("this needs a cidr beside it");
        }
      }
      return Optional.empty();
    }
    Prefix prefix = cidr.get().prefix();
    if (prefix.family() != family) {
      throw cidr.get().problem(prefix + " is not of the family of this list");
    }
    if (operator.isEmpty()) {
      throw cidr.get().problem("a cidr needs a matchOperator: Equal, NotEqual, In or NotIn");
    }
    int min = 0;
    int max = family.bits();
    if (length.isPresent()) {
      YamlMap range = length.get().map();
      min = PeerKeys.integer(range, "min", 0, family.bits(), 0);
      max = PeerKeys.integer(range, "max", min, family.bits(), family.bits());
      range.end();
    }
    return Optional.of(new FilterRule.Prefixes(
        switch (operator.get().word("Equal", "NotEqual", "In", "NotIn")) {
          case "Equal" -> Operator.EQUAL;
          case "NotEqual" -> Operator.NOT_EQUAL;
          case "In" -> Operator.IN;
          default -> Operator.NOT_IN;
        },
        prefix,
        min,
        max));
  }

  private static Optional<FilterRule.Community> community(YamlMap map) throws ConfigException {
    Optional<YamlValue> communities = map.find("communities");
    if (communities.isEmpty()) {
      return Optional.empty();
    }
    YamlMap values = communities.get().map();
    List<YamlValue> list = values.get("values").list();
    values.end();
    if (list.size() != 1) {
      throw communities.get().problem("want exactly one community in values");
    }
    return Optional.of(community(list.getFirst()));
  }

  private static Operation operation(YamlMap map) throws ConfigException {
    Optional<YamlValue> add = map.find("addCommunity");
    Optional<YamlValue> prepend = map.find("prependASPath");
    Optional<YamlValue> priority = map.find("setPriority");
    long count =
        List.of(add, prepend, priority).stream().filter(Optional::isPresent).count();
    map.end();
    if (count != 1) {
      throw map.problem("want exactly one of addCommunity, prependASPath, setPriority");
    }
    if (add.isPresent()) {
      YamlMap value = add.get().map();
      Operation added = new FilterRule.AddCommunity(community(value.get("value")));
      value.end();
      return added;
    }
    if (prepend.isPresent()) {
      YamlMap value = prepend.get().map();
      List<Long> numbers = new ArrayList<>();
      for (YamlValue as : value.get("prefix").list()) {
        numbers.add(as.number(1, MAX_NUMBER));
      }
      value.end();
      return new FilterRule.PrependAsPath(numbers);
    }
    YamlMap value = priority.orElseThrow().map();
    Operation set = new FilterRule.SetPriority(value.get("value").number(0, MAX_NUMBER));
    value.end();
    return set;
  }

  /** {@code 65000:100}, {@code 65000:1:2}, or the name of a well-known one. */
  private static FilterRule.Community community(YamlValue value) throws ConfigException {
    String text = value.text();
    Integer known = WELL_KNOWN.get(text);
    if (known != null) {
      return new FilterRule.Standard(known);
    }
    String[] parts = text.split(":", -1);
    long most = parts.length == 2 ? 0xffff : MAX_NUMBER;
    long[] numbers = new long[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = parts[i].matches("[0-9]{1,10}") ? Long.parseLong(parts[i]) : MAX_NUMBER + 1;
      if (parts.length < 2 || parts.length > 3 || numbers[i] > most) {
        throw value.problem("'" + text
            + "' is no community (want 65000:100, 65000:1:2, or a name: "
            + String.join(", ", WELL_KNOWN.keySet()) + ")");
      }
    }
    return parts.length == 2
        ? new FilterRule.Standard((int) (numbers[0] << 16 | numbers[1]))
        : new FilterRule.Large(
            new LargeCommunities.Large((int) numbers[0], (int) numbers[1], (int) numbers[2]));
  }
}
