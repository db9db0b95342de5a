package dev.catwalk.lab.bgp;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.bgp.rib.RouteListener;
import dev.catwalk.bgp.speaker.Origination;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.Restart;
import dev.catwalk.bgp.speaker.SpeakerListener;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.log.Logs;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.event.Level;

/**
 * A {@link BgpService} in a process of its own, so that it can live in a network namespace. Commands
 * come in by lines, what is selected goes out: {@code CHANGE prefix nexthop,nexthop}.
 */
public final class SpeakerProcess {
  private SpeakerProcess() {}

  /** Runs until its input ends. Arguments: the configuration file, and whether it restarts. */
  public static void main(String[] args) throws Exception {
    Logs.start(Level.INFO, Logs.Format.TEXT, System.err);
    boolean restarting = args.length > 1 && args[1].equals("restarting");
    BgpService service = BgpService.start(
        BgpSection.parseFile(args[0], Files.readString(Path.of(args[0]))).speaker(),
        new Restart(restarting, restarting ? List.of(Family.values()) : List.of(), false),
        new SpeakerListener() {
          @Override
          public void changed(List<RouteListener.RouteChange> changes) {
            changes.forEach(change -> say("CHANGE " + change.prefix() + " "
                + change.paths().stream()
                    .map(p -> p.attributes().nextHop().toString())
                    .collect(Collectors.joining(","))));
          }

          @Override
          public void converged() {
            say("CONVERGED");
          }
        });
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "originate" -> {
          TreeMap<Prefix, Origination> routes = new TreeMap<>();
          for (int i = 1; i < words.length; i++) {
            routes.put(Prefix.parse(words[i]), Origination.PLAIN);
          }
          service.originate(routes);
        }
        case "peers" ->
          say("PEERS "
              + service.peers().stream().map(PeerView::state).collect(Collectors.joining(" ")));
        case "why" -> {
          List<PeerView> peers =
              words.length > 1 ? service.inquiry().peers(words[1]) : service.peers();
          PeerView peer = peers.getFirst();
          say("WHY " + peer.state() + " " + peer.lastError() + ": " + peer.hint());
        }
        case "view" -> say("VIEW " + service.peers().getFirst());
        case "routes" ->
          say("ROUTES " + service.inquiry().routes(Optional.of(Prefix.parse(words[1]))));
        case "count" -> say("COUNT " + service.peers().getFirst().prefixesAccepted());
        case "reconfigure" -> {
          Path changed = Path.of(words[1]);
          service.reconfigure(
              BgpSection.parseFile(words[1], Files.readString(changed)).speaker());
          say("DONE");
        }
        case "drain" -> {
          var unused = service.drain(Duration.ofMillis(Long.parseLong(words[1])));
          say("DRAINING");
        }
        case "since" -> say("SINCE " + service.peers().getFirst().since());
        case "stop" -> {
          service.stop(StopMode.valueOf(words[1]));
          say("STOPPED");
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
    service.stop(StopMode.STOP);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
