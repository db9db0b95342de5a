package dev.catwalk.felix.config;

import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.voters.VoterRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code agent.yaml}.
 *
 * @param bgp nothing where the node speaks none
 * @param pools written once, if the store has no pool
 * @param blocks those that this node shall claim, one of each family at most; for a family without
 *     one the store chooses
 * @param metrics where metrics and health are served; nothing where nowhere
 */
public record AgentConfig(
    Node node,
    Store store,
    Optional<BgpSection> bgp,
    List<Pool> pools,
    List<Prefix> blocks,
    Ipam ipam,
    Dataplane dataplane,
    Optional<ListenAddress> metrics,
    Log log) {

  /** The same with another section {@code bgp}. */
  public AgentConfig with(Optional<BgpSection> other) {
    return new AgentConfig(node, store, other, pools, blocks, ipam, dataplane, metrics, log);
  }

  /**
   * Who this node is.
   *
   * @param addresses where the other nodes reach it; may be empty in a cluster of one
   */
  public record Node(String name, List<IpAddress> addresses, SortedMap<String, String> labels) {
    public Node {
      addresses = List.copyOf(addresses);
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }
  }

  /**
   * The replicated store.
   *
   * @param members name to address of every member; empty in a cluster of one; a node that is not
   *     among them is their client
   * @param insecure members talk in plain text
   * @param tls absent: the files of {@code catwalk pki init} at their place
   * @param voters what voters are chosen from the nodes; absent: those that are named vote
   */
  public record Store(
      Optional<ListenAddress> listen,
      SortedMap<String, ListenAddress> members,
      boolean insecure,
      Optional<StoreTls> tls,
      Optional<VoterRule> voters) {
    public Store {
      members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    }
  }

  /** Files in PEM, full paths or beside {@code agent.yaml}. */
  public record StoreTls(String ca, String cert, String key) {}

  /**
   * What this node keeps to when it hands out addresses.
   *
   * @param coolDown so long an address rests after its release, seconds, 0..86400; 0: only by its
   *     order, the one that was free longest goes first
   * @param giveBackAfter so long a further block has been empty before it is given back, seconds,
   *     1..86400
   * @param maxBlocksPerPool how many blocks of one pool this node claims at most, 1..1000000
   */
  public record Ipam(int coolDown, int giveBackAfter, int maxBlocksPerPool) {
    /** Where the file says nothing. */
    public static final Ipam DEFAULT = new Ipam(0, 60, MAX_BLOCKS);
  }

  /** What programs policy. */
  public enum Backend {
    /** What this machine's other agents use. */
    AUTO,
    IPTABLES_NFT,
    IPTABLES_LEGACY
  }

  /**
   * What writes to the kernel.
   *
   * @param place file, line, column and field of {@code backend}, for complaints about it
   */
  public record Dataplane(Backend backend, String place) {}

  /** What is logged, and how. */
  public record Log(String level, boolean json) {}

  private static final int MAX_BLOCKS = 1_000_000;
  private static final int MAX_REST_S = 86_400;
  private static final int MAX_MEMBERS = 9;
  private static final String NAME = "[a-zA-Z0-9]([a-zA-Z0-9.\\-]{0,61}[a-zA-Z0-9])?";
  private static final ListenAddress METRICS =
      new ListenAddress(IpAddress.parse("127.0.0.1"), 9469);

  public AgentConfig {
    pools = List.copyOf(pools);
    blocks = List.copyOf(blocks);
  }

  /**
   * Reads the file.
   *
   * @param file its name, for errors
   * @throws ConfigException naming file, line, column and field of the first thing that is wrong
   */
  public static AgentConfig parse(String file, String text) throws ConfigException {
    YamlMap root = YamlMap.parse(file, text);
    Node node = node(root.get("node").map());
    Optional<YamlValue> storeValue = root.find("store");
    Store store = storeValue.isPresent()
        ? store(storeValue.get(), node.name())
        : new Store(Optional.empty(), new TreeMap<>(), true, Optional.empty(), Optional.empty());
    Optional<YamlValue> bgpValue = root.find("bgp");
    Optional<BgpSection> bgp = bgpValue.isPresent()
        ? Optional.of(
            BgpSection.read(bgpValue.get().map(), node.addresses().stream().findFirst(), false))
        : Optional.empty();
    List<Pool> pools = pools(root.list("pools"));
    Optional<YamlValue> block = root.find("block");
    List<Prefix> blocks = block.isPresent() ? blocks(block.get(), pools) : List.of();
    Optional<YamlValue> ipamValue = root.find("ipam");
    Ipam ipam = ipamValue.isPresent() ? ipam(ipamValue.get().map()) : Ipam.DEFAULT;
    Optional<YamlValue> dataplaneValue = root.find("dataplane");
    Dataplane dataplane = dataplaneValue.isPresent()
        ? dataplane(dataplaneValue.get().map())
        : new Dataplane(Backend.AUTO, file);
    Optional<ListenAddress> metrics = Optional.of(METRICS);
    Optional<YamlValue> metricsValue = root.find("metrics");
    if (metricsValue.isPresent()) {
      YamlMap map = metricsValue.get().map();
      YamlValue listen = map.get("listen");
      metrics =
          listen.text().equals("off") ? Optional.empty() : Optional.of(listen.listenAddress());
      map.end();
    }
    Optional<YamlValue> logValue = root.find("log");
    Log log = logValue.isPresent() ? log(logValue.get().map()) : new Log("info", false);
    root.end();
    return new AgentConfig(node, store, bgp, pools, blocks, ipam, dataplane, metrics, log);
  }

  private static Node node(YamlMap map) throws ConfigException {
    YamlValue nameValue = map.get("name");
    String name = name(nameValue);
    List<IpAddress> addresses = new ArrayList<>();
    for (YamlValue value : map.list("addresses")) {
      addresses.add(value.address());
    }
    TreeMap<String, String> labels = new TreeMap<>();
    Optional<YamlValue> labelsValue = map.find("labels");
    if (labelsValue.isPresent()) {
      YamlMap labelMap = labelsValue.get().map();
      for (String key : labelMap.names()) {
        labels.put(key, labelMap.get(key).text());
      }
    }
    map.end();
    return new Node(name, addresses, labels);
  }

  private static String name(YamlValue value) throws ConfigException {
    String name = value.text();
    if (!name.matches(NAME)) {
      throw value.problem("'" + name + "' is no name (want up to 63 letters, digits, '.' and '-')");
    }
    return name;
  }

  private static Store store(YamlValue self, String nodeName) throws ConfigException {
    YamlMap map = self.map();
    Optional<YamlValue> listenValue = map.find("listen");
    Optional<ListenAddress> listen =
        listenValue.isPresent() ? Optional.of(listenValue.get().listenAddress()) : Optional.empty();
    TreeMap<String, ListenAddress> members = new TreeMap<>();
    Optional<YamlValue> membersValue = map.find("members");
    if (membersValue.isPresent()) {
      YamlMap memberMap = membersValue.get().map();
      for (String name : memberMap.names()) {
        members.put(name, memberMap.get(name).listenAddress());
      }
      if (!members.containsKey(nodeName)
          && listen.isPresent()
          && map.find("voters").isEmpty()) {
        throw membersValue
            .get()
            .problem("this node, " + nodeName + ", is not among them: add it, or correct"
                + " node.name; or take 'listen' away, if it is to be a client of them; or say"
                + " 'voters', if it may be chosen");
      }
      if (members.size() > MAX_MEMBERS) {
        throw membersValue.get().problem("at most " + MAX_MEMBERS + " members vote");
      }
    }
    Optional<VoterRule> voters = VoterKeys.read(map, members, nodeName);
    Optional<YamlValue> tlsValue = map.find("tls");
    Optional<StoreTls> tls =
        tlsValue.isPresent() ? Optional.of(tls(tlsValue.get().map())) : Optional.empty();
    Optional<YamlValue> insecureValue = map.find("insecure");
    boolean insecure = insecureValue.isPresent() && insecureValue.get().bool();
    if (members.size() > 1 && members.containsKey(nodeName)) {
      if (listen.isEmpty()) {
        throw map.problem("the key 'listen' is missing: where the other members reach this one");
      }
    }
    if (insecure && tlsValue.isPresent()) {
      throw tlsValue.get().problem("either tls, or insecure: true for plain text: take one away");
    }
    map.end();
    boolean alone = members.isEmpty() || members.containsKey(nodeName) && listen.isEmpty();
    return new Store(listen, members, insecure || alone, tls, voters);
  }

  private static StoreTls tls(YamlMap map) throws ConfigException {
    StoreTls tls = new StoreTls(
        map.get("ca").text(), map.get("cert").text(), map.get("key").text());
    map.end();
    return tls;
  }

  private static List<Pool> pools(List<YamlValue> values) throws ConfigException {
    List<Pool> pools = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>();
    for (YamlValue value : values) {
      YamlMap map = value.map();
      YamlValue nameValue = map.get("name");
      String name = name(nameValue);
      if (!names.add(name)) {
        throw nameValue.problem("there is a pool with the name " + name + " already");
      }
      YamlValue cidrValue = map.get("cidr");
      Prefix cidr = cidrValue.prefix();
      for (Pool other : pools) {
        if (other.cidr().overlaps(cidr)) {
          throw cidrValue.problem(cidr + " overlaps pool " + other.name() + ", " + other.cidr());
        }
      }
      int standard = cidr.address().isV4() ? 24 : 120;
      Optional<YamlValue> size = map.find("blockSize");
      int blockSize = size.isPresent()
          ? size.get().integer(cidr.length(), cidr.family().bits())
          : Math.max(cidr.length(), standard);
      Optional<YamlValue> nat = map.find("natOutgoing");
      try {
        pools.add(new Pool(name, cidr, blockSize, nat.isPresent() && nat.get().bool(), false));
      } catch (IllegalArgumentException e) {
        throw size.orElse(cidrValue).problem(String.valueOf(e.getMessage()));
      }
      map.end();
    }
    return pools;
  }

  /** One, or a list with one of each family at most. */
  private static List<Prefix> blocks(YamlValue value, List<Pool> pools) throws ConfigException {
    List<Prefix> blocks = new ArrayList<>();
    for (YamlValue one : value.isList() ? value.list() : List.of(value)) {
      Prefix block = block(one, pools);
      if (blocks.stream().anyMatch(b -> b.family() == block.family())) {
        throw one.problem(block + " is the second of its family: want one of each at most");
      }
      blocks.add(block);
    }
    return blocks;
  }

  /** Checked here only against pools that are here: the store may hold others. */
  private static Prefix block(YamlValue value, List<Pool> pools) throws ConfigException {
    Prefix block = value.prefix();
    for (Pool pool : pools) {
      if (pool.cidr().contains(block) && pool.blockSize() == block.length()) {
        return block;
      }
    }
    if (pools.isEmpty()) {
      return block;
    }
    throw value.problem(
        block + " is no block of any pool here (inside its cidr, of its blockSize)");
  }

  private static Ipam ipam(YamlMap map) throws ConfigException {
    Ipam standard = Ipam.DEFAULT;
    Ipam ipam = new Ipam(
        integer(map, "coolDown", 0, MAX_REST_S, standard.coolDown()),
        integer(map, "giveBackAfter", 1, MAX_REST_S, standard.giveBackAfter()),
        integer(map, "maxBlocksPerPool", 1, MAX_BLOCKS, standard.maxBlocksPerPool()));
    map.end();
    return ipam;
  }

  private static int integer(YamlMap map, String key, int least, int most, int standard)
      throws ConfigException {
    Optional<YamlValue> value = map.find(key);
    return value.isPresent() ? value.get().integer(least, most) : standard;
  }

  private static Dataplane dataplane(YamlMap map) throws ConfigException {
    YamlValue value = map.get("backend");
    Backend backend =
        switch (value.word("auto", "nftables", "iptables", "iptables-nft", "iptables-legacy")) {
          case "auto", "iptables" -> Backend.AUTO;
          case "iptables-nft" -> Backend.IPTABLES_NFT;
          case "iptables-legacy" -> Backend.IPTABLES_LEGACY;
          default ->
            throw value.problem("nftables is not there yet: say auto, or which iptables is meant,"
                + " iptables-nft or iptables-legacy");
        };
    map.end();
    return new Dataplane(backend, value.place());
  }

  private static Log log(YamlMap map) throws ConfigException {
    Optional<YamlValue> level = map.find("level");
    Optional<YamlValue> format = map.find("format");
    Log log = new Log(
        level.isPresent() ? level.get().word("trace", "debug", "info", "warn", "error") : "info",
        format.isPresent() && format.get().word("text", "json").equals("json"));
    map.end();
    return log;
  }
}
