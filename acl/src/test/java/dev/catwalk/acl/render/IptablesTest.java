package dev.catwalk.acl.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Compiler;
import dev.catwalk.acl.calc.Program;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts of rules and sets. */
class IptablesTest {
  private static final String DENY = "{podSelector: {}}";

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {from: [{ipBlock: {cidr: 10.0.0.0/8}}]}           | IPV4 | -s 10.0.0.0/8 -g cw-enter
      {from: [{ipBlock: {cidr: 10.0.0.0/8}}]}           | IPV6 | (none)
      {from: [{ipBlock: {cidr: 0.0.0.0/0}}]}            | IPV4 | -g cw-enter
      {from: [{ipBlock: {cidr: '::/0'}}]}               | IPV4 | (none)
      {from: [{ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.1/32]}}]} | IPV4 | -m set --match-set NETS src -g cw-enter
      {from: [{podSelector: {}}], ports: [{}]}          | IPV6 | -p tcp -m set --match-set PODS src -g cw-enter
      {ports: [{port: 80}, {port: 81}, {port: 90, endPort: 95}]} | IPV4 | -p tcp -m multiport --dports 80:81,90:95 -g cw-enter
      {ports: [{port: web}, {port: 9, protocol: SCTP}]} | IPV4 | -p tcp -m multiport --dports 8080 -g cw-enter; -p sctp -m multiport --dports 9 -g cw-enter
      {ports: [{port: nothing}]}                        | IPV4 | (none)
      """)
  void aRule(String rule, Family family, String texts) {
    Rendered rendered = render("{podSelector: {}, ingress: [" + rule + "]}", family);
    List<String> rules = rules(rendered, "cw-i-");
    assertEquals("-j DROP", rules.removeLast());
    assertEquals(texts, rules.isEmpty() ? "(none)" : String.join("; ", rules));
  }

  @Test
  void egressMatchesDestinationsAndNamedPortsThere() {
    Rendered rendered = render(
        "{podSelector: {}, policyTypes: [Egress],"
            + " egress: [{to: [{podSelector: {}}], ports: [{port: web}]}]}",
        Family.IPV4);
    assertEquals(
        List.of(
            "-p tcp -m set --match-set PODS dst -m set --match-set PORTS dst,dst -g cw-leave",
            "-j DROP"),
        rules(rendered, "cw-e-"));
    assertTrue(rendered.sets().values().stream()
        .anyMatch(s -> s.type().equals("hash:ip,port")
            && s.members().equals(new TreeSet<>(List.of("10.42.0.2,tcp:8080")))));
  }

  @Test
  void manyPortsAreSplit() {
    StringBuilder ports = new StringBuilder();
    for (int port = 1; port <= 33; port += 2) {
      ports.append(ports.isEmpty() ? "" : ", ").append("{port: " + port + "}");
    }
    Rendered rendered =
        render("{podSelector: {}, ingress: [{ports: [" + ports + "]}]}", Family.IPV4);
    assertEquals(
        List.of(
            "-p tcp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 -g cw-enter",
            "-p tcp -m multiport --dports 31,33 -g cw-enter",
            "-j DROP"),
        rules(rendered, "cw-i-"));
  }

  /** What says that a packet may pass is said by the last chain of its way, and by nothing else. */
  @Test
  void onlyWhatAProgramLetsPassIsMarked() {
    Rendered rendered = render(DENY, Family.IPV4);
    rendered.chains().forEach((name, chain) -> {
      boolean marks =
          chain.rules().stream().anyMatch(r -> r.contains("-j MARK") && !r.contains("cw-+"));
      assertEquals(List.of("cw-enter", "cw-leave").contains(name), marks, name);
    });
    String leave = rendered.chains().get("cw-leave").rules().toString();
    String enter = rendered.chains().get("cw-enter").rules().toString();
    assertTrue(leave.contains(Rendered.MAY_LEAVE) && !leave.contains(Rendered.MAY_ENTER), leave);
    assertTrue(enter.contains(Rendered.MAY_ENTER) && !enter.contains(Rendered.MAY_LEAVE), enter);
  }

  @Test
  void anEndpointWithoutAnInterfaceIsNotDispatched() {
    Compiled compiled = compiled(DENY);
    Rendered rendered = Iptables.render(compiled, new TreeMap<>(), Family.IPV4);
    assertEquals(
        List.of("cw-e-OPEN", "cw-enter", "cw-forward", "cw-from", "cw-i-OPEN", "cw-leave", "cw-to"),
        rendered.chains().keySet().stream().map(IptablesTest::opened).toList());
    rendered.sets().values().forEach(set -> assertEquals(new TreeSet<>(), set.members()));
    List<String> from = rendered.chains().get("cw-from").rules();
    assertTrue(from.getLast().endsWith("-j DROP"), from.getLast());
  }

  @Test
  void everyInterfaceOfAPodIsDispatched() {
    Rendered rendered = render(DENY, Family.IPV4, "cw0123456789a", "cw0123456789b");
    SortedSet<String> members =
        new TreeSet<>(List.of("10.42.0.2,cw0123456789a", "10.42.0.2,cw0123456789b"));
    assertEquals(members, rendered.sets().get("cw-4pods").members());
    assertEquals(members, dispatched(rendered, "cw-from", "cw-4e-OPEN src,src", "cw-e-OPEN"));
    String closed = closed(rendered, "cw-i-");
    assertEquals(
        members, dispatched(rendered, "cw-to", "cw-4" + closed + " dst,dst", "cw-" + closed));
  }

  /** Rules stay as they are when a pod comes whose programs are there: only sets get members. */
  @Test
  void aFurtherPodOfTheSameProgramChangesNoRule() {
    Rendered none = render("{podSelector: {matchLabels: {no: one}}}", Family.IPV4, new String[0]);
    Rendered one = render("{podSelector: {matchLabels: {no: one}}}", Family.IPV4);
    assertEquals(none.chains(), one.chains());
    assertEquals(none.sets().keySet(), one.sets().keySet());
    assertEquals(
        new TreeSet<>(List.of("10.42.0.2,cw0123456789a")),
        dispatched(one, "cw-to", "cw-4i-OPEN dst,dst", "cw-i-OPEN"));
  }

  /** Members of the one set by which a chain leads to a program. */
  private static SortedSet<String> dispatched(
      Rendered rendered, String chain, String match, String program) {
    String wanted = "-m set --match-set " + match + " -m comment";
    List<String> rules = rendered.chains().get(chain).rules().stream()
        .map(IptablesTest::opened)
        .filter(r -> r.startsWith(wanted) && r.endsWith("-g " + program))
        .toList();
    assertEquals(1, rules.size(), () -> rendered.chains().get(chain).rules().toString());
    String set = match.split(" ", 2)[0];
    return rendered.sets().entrySet().stream()
        .filter(e -> opened(e.getKey()).equals(set))
        .findFirst()
        .orElseThrow()
        .getValue()
        .members();
  }

  /** With a word for the ids of what no policy isolates. */
  private static String opened(String text) {
    String opened = text;
    for (Direction direction : Direction.values()) {
      opened = opened.replace(Program.open(direction).id(), "OPEN");
    }
    return opened;
  }

  /** What follows {@code cw-} in the name of the one chain of a closed program. */
  private static String closed(Rendered rendered, String prefix) {
    return rendered.chains().keySet().stream()
        .filter(c -> c.startsWith(prefix) && !opened(c).endsWith("OPEN"))
        .findFirst()
        .orElseThrow()
        .substring("cw-".length());
  }

  @Test
  void aPodWithoutAnAddressOfTheFamilyChangesNothingOfIt() {
    Compiled compiled = compiled(DENY, IpAddress.parse("10.42.0.2"));
    SortedMap<WorkloadKey, SortedSet<String>> interfaces = new TreeMap<>();
    interfaces.put(new WorkloadKey("shop", "a"), new TreeSet<>(List.of("cw0123456789a")));
    assertEquals(
        Iptables.render(compiled, new TreeMap<>(), Family.IPV6),
        Iptables.render(compiled, interfaces, Family.IPV6));
  }

  @Test
  void namesFitAndHashesTellContents() {
    Rendered open = render("{podSelector: {matchLabels: {no: one}}}", Family.IPV4);
    Rendered closed = render(DENY, Family.IPV4);
    assertNotEquals(
        open.chains().get("cw-to").hash(), closed.chains().get("cw-to").hash());
    assertEquals(open.chains().get("cw-forward"), closed.chains().get("cw-forward"));
    closed.chains().keySet().forEach(n -> assertTrue(n.matches("cw-.{1,25}"), n));
    closed.sets().keySet().forEach(n -> assertTrue(n.matches("cw-.{1,28}"), n));
    String last = closed.chains().get("cw-to").rules().getLast();
    assertTrue(last.contains("cw:" + closed.chains().get("cw-to").hash() + " "), last);
  }

  @Test
  void whatIsRememberedOfTheLastTimeChangesNothing() {
    SortedMap<WorkloadKey, SortedSet<String>> interfaces = new TreeMap<>();
    interfaces.put(new WorkloadKey("shop", "a"), new TreeSet<>(List.of("cw0123456789a")));
    Compiled closed = compiled(DENY);
    Compiled open = compiled("{podSelector: {matchLabels: {no: one}}}");
    ChainMemo memo = new ChainMemo();
    Rendered first = Iptables.render(closed, interfaces, Family.IPV4, memo);
    for (Compiled next : List.of(closed, open, closed)) {
      Rendered rendered = Iptables.render(next, interfaces, Family.IPV4, memo);
      assertEquals(Iptables.render(next, interfaces, Family.IPV4), rendered);
      assertSame(
          first.chains().get("cw-forward"), rendered.chains().get("cw-forward"), "made anew");
    }
  }

  /** Rules of the one chain so named, without comments and with the sets' kinds for names. */
  private static List<String> rules(Rendered rendered, String prefix) {
    Rendered.Chain chain = rendered.chains().values().stream()
        .filter(c -> c.name().startsWith(prefix) && !opened(c.name()).endsWith("OPEN"))
        .findFirst()
        .orElseThrow();
    List<String> rules = new ArrayList<>();
    for (String rule : chain.rules()) {
      String text = rule.replaceAll("-m comment --comment \"[^\"]*\" ", "");
      for (Rendered.IpSet set : rendered.sets().values()) {
        String kind = switch (set.type()) {
          case "hash:ip" -> "PODS";
          case "hash:net" -> "NETS";
          default -> "PORTS";
        };
        text = text.replace(set.name(), kind);
      }
      rules.add(text);
    }
    return rules;
  }

  private static Rendered render(String spec, Family family) {
    return render(spec, family, "cw0123456789a");
  }

  private static Rendered render(String spec, Family family, String... devices) {
    SortedMap<WorkloadKey, SortedSet<String>> interfaces = new TreeMap<>();
    interfaces.put(new WorkloadKey("shop", "a"), new TreeSet<>(List.of(devices)));
    return Iptables.render(compiled(spec), interfaces, family);
  }

  private static Compiled compiled(String spec) {
    return compiled(spec, IpAddress.parse("10.42.0.2"), IpAddress.parse("fd00::2"));
  }

  private static Compiled compiled(String spec, IpAddress... addresses) {
    WorkloadKey key = new WorkloadKey("shop", "a");
    Workload workload = new Workload(
        key,
        new TreeMap<>(),
        List.of(addresses),
        List.of(new NamedPort("web", Protocol.TCP, 8080)),
        false,
        false,
        null);
    Policy policy = ((ManifestObject.OfPolicy) Manifests.parse(
                "f",
                "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,"
                    + " metadata: {name: p, namespace: shop}, spec: " + spec + "}")
            .objects()
            .getFirst())
        .value();
    return Compiler.compile(
        PolicyState.of(List.of(), List.of(workload), List.of(policy)), new TreeSet<>(List.of(key)));
  }
}
