package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.ConfigurationException;
import dev.catwalk.bgp.exabgp.Environment;
import dev.catwalk.bgp.exabgp.Events;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.OpenWriter;
import dev.catwalk.bgp.exabgp.Routes;
import dev.catwalk.bgp.exarun.ExaDeed.Target;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A speaker of an ExaBGP configuration without sockets or processes: what it asks for is looked at. */
final class Stage {
  static final String SOME = """
      process one { run one; encoder text; }
      process two { run two; encoder json; }
      neighbor 10.0.0.2 {
        router-id 10.0.0.1; local-address 10.0.0.1; local-as 65001; peer-as 65001; hold-time 90;
        family { ipv4 unicast; ipv6 unicast; }
        capability { route-refresh enable; }
        api { processes [ one two ]; neighbor-changes; receive { parsed; update; } }
        static {
          route 192.0.2.0/24 next-hop 10.0.0.9 watchdog dog withdraw;
          route 198.51.100.0/24 next-hop self;
        }
      }
      neighbor 10.0.0.3 {
        router-id 10.0.0.1; local-address 10.0.0.1; local-as 65001; peer-as 65003;
        family { ipv4 unicast; }
        api { processes [ two ]; }
      }
      """;

  final ExaSpeaker speaker;
  final List<ExaDeed> deeds = new ArrayList<>();
  private final List<Target> dialled = new ArrayList<>();
  private final Configuration configuration;
  private long micros = 1_000_000;

  Stage(String text) throws ConfigurationException {
    configuration = Configuration.parse("f", text);
    speaker = new ExaSpeaker(
        configuration,
        new Environment(179, List.of(), "", true, true),
        new Events.Origin("here", 1, 2),
        JsonVersion.V5,
        "test");
    see(speaker.start(micros));
  }

  private List<ExaDeed> see(List<ExaDeed> done) {
    deeds.addAll(done);
    for (ExaDeed deed : done) {
      if (deed instanceof ExaDeed.Dial dial) {
        dialled.add(dial.target());
      }
      if (deed instanceof ExaDeed.Wake wake) {
        for (List<ExaDeed> more = speaker.pull(micros, wake.target());
            !more.isEmpty();
            more = speaker.pull(micros, wake.target())) {
          deeds.addAll(more);
        }
      }
    }
    return done;
  }

  /** Brings up the session of that neighbour, which offers what we offer. */
  void establish(int index) {
    Target target = dialled.get(index);
    NeighborConfig config = configuration.neighbors().get(index);
    NeighborConfig.Ends ends = config.ends();
    NeighborConfig theirs = new NeighborConfig(
        1,
        "",
        new NeighborConfig.Ends(
            ends.peers(),
            ends.local(),
            /* localAs= */ ends.peerAs(),
            /* peerAs= */ ends.localAs(),
            7,
            120,
            null,
            "",
            ""),
        config.transport(),
        config.capabilities(),
        config.telling(),
        Routes.NONE,
        List.of());
    see(speaker.connected(++micros, target, IpAddress.parse("10.0.0.1")));
    received(index, OpenWriter.open(theirs, "x"));
    received(index, OpenWriter.keepalive());
  }

  void received(int index, byte[] message) {
    see(speaker.received(++micros, dialled.get(index), message));
  }

  /** That process says something: what it and the neighbours are told. */
  List<String> say(String process, String line) {
    deeds.clear();
    see(speaker.said(++micros, process, line));
    return heard(process);
  }

  void ended(String process) {
    see(speaker.ended(++micros, process, "status 1"));
  }

  void pass(long seconds) {
    micros += seconds * 1_000_000;
  }

  /** The lines that a process was told since the last command. */
  List<String> heard(String process) {
    return deeds.stream()
        .filter(deed -> deed instanceof ExaDeed.Tell tell && tell.process().equals(process))
        .flatMap(deed -> ((ExaDeed.Tell) deed).lines().stream())
        .toList();
  }

  /** The messages that a neighbour was told since the last command, in hexadecimal digits. */
  List<String> told(int index) {
    return deeds.stream()
        .filter(deed -> deed instanceof ExaDeed.Send send && send.target().neighbor() == index)
        .map(deed -> HexFormat.of().formatHex(((ExaDeed.Send) deed).messages()).substring(36))
        .toList();
  }

  long launched(String process) {
    return deeds.stream()
        .filter(deed ->
            deed instanceof ExaDeed.Launch launch && launch.process().name().equals(process))
        .count();
  }

  void reload(String text) throws ConfigurationException {
    deeds.clear();
    see(speaker.reload(++micros, Configuration.parse("f", text)));
  }
}
