package dev.catwalk.lab.check;

import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which probes the applied manifests let pass, as the room {@code acl.verdict} judges it. */
public final class Policies {
  private static final int ICMP = 1;
  private static final int ICMP_V6 = 58;
  private static final int TCP = 6;

  private final Evaluator evaluator;
  private final Map<String, List<IpAddress>> sources;

  private Policies(Evaluator evaluator, Map<String, List<IpAddress>> sources) {
    this.evaluator = evaluator;
    this.sources = sources;
  }

  /** A manifest file's content. */
  public record Text(String file, String content) {}

  /**
   * Reads the manifests and gives their pods the addresses of the places that have their names.
   *
   * @throws IllegalArgumentException with every problem of a manifest, a line each
   */
  public static Policies read(List<Text> texts, List<Place> places) {
    Map<String, List<IpAddress>> sources = new TreeMap<>();
    places.forEach(
        p -> sources.computeIfAbsent(p.name(), n -> new ArrayList<>()).add(p.address()));
    List<Namespace> namespaces = new ArrayList<>();
    List<Workload> workloads = new ArrayList<>();
    List<Policy> policies = new ArrayList<>();
    for (Text text : texts) {
      Parsed parsed = Manifests.parse(text.file(), text.content());
      if (!parsed.problems().isEmpty()) {
        throw new IllegalArgumentException(
            String.join("\n", parsed.problems().stream().map(Object::toString).toList()));
      }
      for (ManifestObject object : parsed.objects()) {
        switch (object) {
          case ManifestObject.OfNamespace n -> namespaces.add(n.value());
          case ManifestObject.OfAddresses a -> {} // no policy
          case ManifestObject.OfPolicy p -> policies.add(p.value());
          case ManifestObject.OfPod p -> {
            List<IpAddress> given = sources.getOrDefault(p.value().key().toString(), List.of());
            workloads.add(
                given.isEmpty() ? p.value() : p.value().at(given, p.value().node()));
          }
        }
      }
    }
    return new Policies(new Evaluator(PolicyState.of(namespaces, workloads, policies)), sources);
  }

  public boolean pass(Probe probe) {
    int protocol = switch (probe.protocol()) {
      case PING -> probe.address().isV4() ? ICMP : ICMP_V6;
      case TCP -> TCP;
    };
    return pass(probe.from(), probe.address(), protocol, probe.port());
  }

  /**
   * Whether one packet passes.
   *
   * @param from name of a place
   * @param protocol number of the IP protocol
   */
  public boolean pass(String from, IpAddress to, int protocol, int port) {
    IpAddress source = sources.getOrDefault(from, List.of()).stream()
        .filter(a -> a.family() == to.family())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(from + " has no address"));
    return evaluator.judge(new Packet(source, to, protocol, port)).allowed();
  }
}
