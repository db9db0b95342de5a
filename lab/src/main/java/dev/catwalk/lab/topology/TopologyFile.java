package dev.catwalk.lab.topology;

import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.felix.config.YamlMap;
import dev.catwalk.felix.config.YamlValue;
import dev.catwalk.lab.topology.Topology.Bgp;
import dev.catwalk.lab.topology.Topology.Client;
import dev.catwalk.lab.topology.Topology.Interface;
import dev.catwalk.lab.topology.Topology.Link;
import dev.catwalk.lab.topology.Topology.Nodes;
import dev.catwalk.lab.topology.Topology.Pods;
import dev.catwalk.lab.topology.Topology.Pool;
import dev.catwalk.lab.topology.Topology.Role;
import dev.catwalk.lab.topology.Topology.Router;
import dev.catwalk.lab.topology.Topology.Six;
import dev.catwalk.lab.topology.Topology.Speaker;
import dev.catwalk.lab.topology.Topology.Step;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code lab/topology/*.yaml}; every error names line, column and field. */
public final class TopologyFile {
  /** Every node is a member of the store, which takes so many. */
  static final int MAX_NODES = 9;

  private static final int MAX_PODS_PER_NODE = 64;
  private static final long MAX_AS = 0xffff_ffffL;

  private TopologyFile() {}

  public static Topology parse(String file, String text) throws ConfigException {
    YamlMap root = YamlMap.parse(file, text);
    List<Router> routers = new ArrayList<>();
    for (YamlValue value : root.list("routers")) {
      routers.add(router(value.map()));
    }
    List<Link> links = new ArrayList<>();
    for (YamlValue value : root.list("links")) {
      List<String> ends = texts(value);
      if (ends.size() != 2) {
        throw value.problem("want the names of two routers");
      }
      links.add(new Link(ends.get(0), ends.get(1)));
    }
    Optional<YamlValue> lan = root.find("switch");
    Optional<YamlValue> client = root.find("client");
    Optional<YamlValue> six = root.find("ipv6");
    Topology topology = new Topology(
        root.get("name").text(),
        List.copyOf(routers),
        List.copyOf(links),
        lan.isPresent() ? Optional.of(lan.get().text()) : Optional.empty(),
        nodes(root.get("nodes").map()),
        client.isPresent() ? Optional.of(client(client.get().map())) : Optional.empty(),
        prefixOf(root.get("underlay").map()),
        bgp(root.get("bgp").map()),
        pool(root.get("pool").map(), 32),
        six.isPresent() ? Optional.of(six(six.get().map())) : Optional.empty(),
        namespaces(root.get("namespaces")),
        pods(root.get("pods").map()),
        steps(root.list("manifests")));
    root.end();
    return topology;
  }

  private static Router router(YamlMap map) throws ConfigException {
    String speaker = map.get("speaker").word("bird", "frr").toUpperCase(Locale.ROOT);
    Router router = new Router(
        map.get("name").text(), Speaker.valueOf(speaker), map.get("as").number(1, MAX_AS));
    map.end();
    return router;
  }

  private static Nodes nodes(YamlMap map) throws ConfigException {
    List<List<String>> attach = new ArrayList<>();
    for (YamlValue value : map.list("attach")) {
      attach.add(texts(value));
    }
    boolean chain = flag(map, "chain");
    if (attach.isEmpty() != chain) {
      throw map.get("attach").problem("want a list of lists of router names, or chain: true");
    }
    Optional<YamlValue> device = map.find("device");
    List<Interface> addresses = new ArrayList<>();
    for (YamlValue value : map.list("addresses")) {
      addresses.add(interfaceOf(value));
    }
    List<Prefix> blocks = new ArrayList<>();
    for (YamlValue value : map.list("blocks")) {
      blocks.add(value.prefix());
    }
    Nodes nodes = new Nodes(
        map.get("name").text(),
        map.get("count").integer(1, MAX_NODES),
        map.get("as").number(1, MAX_AS - MAX_NODES),
        flag(map, "oneAs"),
        List.copyOf(attach),
        chain,
        device.isPresent() ? Optional.of(device.get().text()) : Optional.empty(),
        List.copyOf(addresses),
        List.copyOf(blocks));
    map.end();
    return nodes;
  }

  /** {@code ADDRESS/LENGTH}, host bits and all. */
  private static Interface interfaceOf(YamlValue value) throws ConfigException {
    String[] parts = value.text().split("/", 2);
    try {
      IpAddress address = IpAddress.parse(parts[0]);
      int length = parts.length < 2 ? -1 : Integer.parseInt(parts[1]);
      if (address.isV4() && length >= 1 && length <= 31) {
        return new Interface(address, length);
      }
    } catch (IllegalArgumentException e) {
      // As below: one way to say it is enough.
    }
    throw value.problem("want an IPv4 address with the length of its subnet, as 10.0.12.11/22");
  }

  private static List<Step> steps(List<YamlValue> values) throws ConfigException {
    List<Step> steps = new ArrayList<>();
    for (YamlValue value : values) {
      YamlMap map = value.map();
      Optional<YamlValue> open = map.find("open");
      steps.add(new Step(
          map.get("file").text(),
          open.isPresent() ? Optional.of(texts(open.get())) : Optional.empty()));
      map.end();
    }
    return List.copyOf(steps);
  }

  private static Client client(YamlMap map) throws ConfigException {
    Client client =
        new Client(map.get("name").text(), map.get("within").prefix(), texts(map.list("attach")));
    map.end();
    return client;
  }

  private static Prefix prefixOf(YamlMap map) throws ConfigException {
    Prefix within = map.get("within").prefix();
    map.end();
    return within;
  }

  private static Bgp bgp(YamlMap map) throws ConfigException {
    Bgp bgp = new Bgp(
        map.get("holdTime").integer(3, 65535),
        map.get("keepalive").integer(1, 21845),
        flag(map, "mesh"),
        flag(map, "transit"));
    map.end();
    return bgp;
  }

  private static Pool pool(YamlMap map, int longest) throws ConfigException {
    Pool pool = new Pool(
        map.get("name").text(), map.get("cidr").prefix(), map.get("blockSize").integer(1, longest));
    map.end();
    return pool;
  }

  private static Six six(YamlMap map) throws ConfigException {
    Optional<YamlValue> client = map.find("client");
    Six six = new Six(
        prefixOf(map.get("underlay").map()),
        pool(map.get("pool").map(), 128),
        client.isPresent() ? Optional.of(prefixOf(client.get().map())) : Optional.empty());
    map.end();
    return six;
  }

  private static Pods pods(YamlMap map) throws ConfigException {
    List<Role> roles = new ArrayList<>();
    for (YamlValue value : map.list("roles")) {
      YamlMap role = value.map();
      roles.add(new Role(
          role.get("name").text(), role.get("namespace").text(), labels(role.get("labels"))));
      role.end();
    }
    if (roles.isEmpty()) {
      throw map.get("roles").problem("want at least one role");
    }
    List<Integer> otherPorts = new ArrayList<>();
    for (YamlValue value : map.list("otherPorts")) {
      otherPorts.add(value.integer(1, 65535));
    }
    List<IpAddress> addresses = new ArrayList<>();
    for (YamlValue value : map.list("addresses")) {
      addresses.add(value.address());
    }
    Pods pods = new Pods(
        map.get("perNode").integer(0, MAX_PODS_PER_NODE),
        map.get("port").integer(1, 65535),
        List.copyOf(otherPorts),
        List.copyOf(addresses),
        List.copyOf(roles));
    map.end();
    return pods;
  }

  private static SortedMap<String, SortedMap<String, String>> namespaces(YamlValue value)
      throws ConfigException {
    SortedMap<String, SortedMap<String, String>> namespaces = new TreeMap<>();
    YamlMap map = value.map();
    for (String name : map.names()) {
      namespaces.put(name, labels(map.get(name)));
    }
    return Collections.unmodifiableSortedMap(namespaces);
  }

  private static SortedMap<String, String> labels(YamlValue value) throws ConfigException {
    SortedMap<String, String> labels = new TreeMap<>();
    YamlMap map = value.map();
    for (String name : map.names()) {
      labels.put(name, map.get(name).text());
    }
    return Collections.unmodifiableSortedMap(labels);
  }

  private static boolean flag(YamlMap map, String key) throws ConfigException {
    Optional<YamlValue> value = map.find(key);
    return value.isPresent() && value.get().bool();
  }

  private static List<String> texts(YamlValue list) throws ConfigException {
    return texts(list.list());
  }

  private static List<String> texts(List<YamlValue> values) throws ConfigException {
    List<String> texts = new ArrayList<>();
    for (YamlValue value : values) {
      texts.add(value.text());
    }
    return List.copyOf(texts);
  }
}
