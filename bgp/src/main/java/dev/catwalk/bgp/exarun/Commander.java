package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Commands;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.Route;
import dev.catwalk.bgp.exabgp.RouteBlock;
import dev.catwalk.bgp.exabgp.RouteWriter;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The commands that processes give, in the words of ExaBGP's fourth API. */
final class Commander {
  static final List<String> HELP = List.of(
      "announce (route|attributes|flow|vpls|FAMILY) ...",
      "withdraw (route|attributes|flow|vpls|FAMILY) ...",
      "group COMMAND ; COMMAND ...",
      "announce eor [FAMILY]",
      "announce route-refresh FAMILY",
      "announce watchdog [NAME]",
      "withdraw watchdog [NAME]",
      "teardown CODE",
      "flush adj-rib out",
      "clear adj-rib (in|out)",
      "show neighbor [ADDRESS] [summary|extensive|configuration]",
      "show adj-rib (in|out) [ADDRESS] [extensive]",
      "enable-ack | disable-ack | silence-ack",
      "reload | restart | shutdown | reset | version | help | #");

  private static final int MOST_SHOWN = 200;

  private final ExaSpeaker speaker;

  Commander(ExaSpeaker speaker) {
    this.speaker = speaker;
  }

  void command(String process, String line) {
    Children.Child child = speaker.children().get(process);
    String stripped = line.strip();
    if (child == null || stripped.isEmpty()) {
      return;
    }
    try {
      Selectors selectors = Selectors.read(stripped);
      run(child, selectors, selectors.command());
    } catch (MalformedException | RefusedException e) {
      refuse(child, stripped, String.valueOf(e.getMessage()));
    }
  }

  private void refuse(Children.Child child, String line, String why) {
    speaker.note(true, "process " + child.config.name() + ": " + why + "; in: " + shown(line));
    answer(child, "error");
  }

  /** As much of what a process said as the log needs. */
  static String shown(String text) {
    return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "..." : text;
  }

  private void answer(Children.Child child, String word) {
    if (child.acknowledged) {
      say(child, List.of(word));
    }
  }

  private void say(Children.Child child, List<String> lines) {
    speaker.deed(new ExaDeed.Tell(child.config.name(), lines));
  }

  private void show(Children.Child child, List<String> lines) {
    if (!lines.isEmpty()) {
      say(child, lines);
    }
    answer(child, "done");
  }

  private void run(Children.Child child, Selectors selectors, String command)
      throws MalformedException, RefusedException {
    List<String> words = List.of(command.split("\\s+"));
    String first = words.getFirst();
    String second = words.size() > 1 ? words.get(1) : "";
    switch (first) {
      case "announce", "withdraw" -> {
        switch (second) {
          case "watchdog" -> watchdog(child, words, first.equals("announce"));
          case "eor" -> endOfRib(child, selectors, command);
          case "route-refresh" -> refresh(child, selectors, command);
          case "operational" -> {
            peers(child, selectors);
            speaker.note(true, "no operational message is sent: no neighbor takes one");
            answer(child, "done");
          }
          default -> routes(child, selectors, command);
        }
      }
      case "group" -> routes(child, selectors, command);
      case "show" -> view(child, words);
      case "flush" -> {
        if (!command.contains("adj-rib out")) {
          throw new RefusedException("flush is of adj-rib out");
        }
        for (Peer peer : established(child, selectors)) {
          peer.families.forEach(family -> speaker.teller().again(peer, family));
        }
        answer(child, "done");
      }
      case "clear" -> {
        for (Peer peer : peers(child, selectors)) {
          if (words.contains("in") || words.contains("adj-rib-in")) {
            peer.received.clear();
          } else {
            peer.routes.clear();
            speaker.teller().wake(peer);
          }
        }
        answer(child, "done");
      }
      case "teardown" -> {
        int code = number(second);
        for (Peer peer : List.copyOf(speaker.peers().values())) {
          if (peer.up != null && selectors.matches(peer)) {
            speaker.tearDown(peer, code);
          }
        }
        answer(child, "done");
      }
      default -> own(child, command, first, second);
    }
  }

  private static int number(String word) throws RefusedException {
    try {
      int code = Integer.parseInt(word);
      if (code >= 0 && code <= 255) {
        return code;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new RefusedException("teardown needs the subcode of a CEASE, 0 to 255");
  }

  /** What is about the program, not about neighbours. */
  private void own(Children.Child child, String command, String first, String second) {
    switch (first.equals("ack") ? second + "-ack" : first) {
      case "enable-ack" -> {
        child.acknowledged = true;
        answer(child, "done");
      }
      case "disable-ack" -> {
        answer(child, "done");
        child.acknowledged = false;
      }
      case "silence-ack" -> child.acknowledged = false;
      case "version" -> show(child, List.of("exabgp " + speaker.software()));
      case "help" -> show(child, HELP);
      case "shutdown" -> {
        show(child, List.of("shutdown in progress"));
        speaker.deed(new ExaDeed.Exit());
      }
      case "reload", "restart" -> {
        show(child, List.of(first + " in progress"));
        if (first.equals("restart")) {
          speaker.peers().values().forEach(peer -> speaker.tearDown(peer, 4));
        }
        speaker.deed(new ExaDeed.Reread());
      }
      case "reset" -> {} // ExaBGP gives up what waits and says nothing: nothing waits here
      case "#" -> answer(child, "done");
      default -> {
        if (!first.startsWith("#")) {
          refuse(child, command, "there is no command '" + first + "'; help lists them");
        } else {
          answer(child, "done");
        }
      }
    }
  }

  /** The neighbours whose api names the process; all, where none of them does. */
  private List<Peer> peers(Children.Child child, Selectors selectors) throws RefusedException {
    String name = child.config.name();
    List<Peer> own = new ArrayList<>();
    List<Peer> all = new ArrayList<>();
    for (Peer peer : speaker.peers().values()) {
      if (selectors.matches(peer)) {
        all.add(peer);
        if (peer.config.api().stream().anyMatch(api -> api.processes().contains(name))) {
          own.add(peer);
        }
      }
    }
    boolean named = speaker.peers().values().stream()
        .flatMap(peer -> peer.config.api().stream())
        .map(NeighborConfig.Api::processes)
        .anyMatch(processes -> processes.contains(name));
    List<Peer> chosen = named ? own : all;
    if (chosen.isEmpty()) {
      throw new RefusedException("no neighbor matches the command");
    }
    return chosen;
  }

  private List<Peer> established(Children.Child child, Selectors selectors)
      throws RefusedException {
    List<Peer> up =
        peers(child, selectors).stream().filter(peer -> peer.up != null).toList();
    if (up.isEmpty()) {
      throw new RefusedException("no neighbor that matches has a session");
    }
    return up;
  }

  private void routes(Children.Child child, Selectors selectors, String command)
      throws MalformedException, RefusedException {
    List<Peer> peers = peers(child, selectors);
    List<RouteBlock> blocks = Commands.routes(command);
    for (RouteBlock block : blocks) {
      if (!block.isComplete()) {
        throw new RefusedException("the route " + block.name() + " has no next-hop");
      }
    }
    TreeMap<AfiSafi, List<Peer>> told = told(blocks, peers);
    Peer full = null;
    for (RouteBlock block : blocks) {
      List<Peer> those = told.getOrDefault(block.family(), List.of());
      for (Route route : block) {
        for (Peer peer : those) {
          full = peer.routes.add(route) ? full : peer;
        }
      }
    }
    peers.forEach(speaker.teller()::wake);
    if (full == null) {
      answer(child, "done");
    } else {
      refuse(
          child, command, "neighbor " + full.address() + " has " + OutgoingRoutes.MOST + " routes");
    }
  }

  /** Who is told of each family. */
  private TreeMap<AfiSafi, List<Peer>> told(List<RouteBlock> blocks, List<Peer> peers) {
    TreeMap<AfiSafi, List<Peer>> told = new TreeMap<>();
    Map<AfiSafi, List<RouteBlock>> families = blocks.stream()
        .collect(
            Collectors.groupingBy(RouteBlock::family, LinkedHashMap::new, Collectors.toList()));
    families.forEach((family, all) -> told.put(family, told(family, all, peers)));
    return told;
  }

  /** Those that have the family. Of another one a line says all, however many routes there are. */
  private List<Peer> told(AfiSafi family, List<RouteBlock> blocks, List<Peer> peers) {
    RouteBlock first = blocks.getFirst();
    String what = first.familyName() + " and is not told " + shown(first.name())
        + (blocks.size() == 1 ? "" : " and " + (blocks.size() - 1) + " more");
    List<Peer> told = new ArrayList<>();
    for (Peer peer : peers) {
      if (peer.config.capabilities().families().contains(family)) {
        told.add(peer);
      } else {
        speaker.note( // as in ExaBGP: a command may be for neighbours of many kinds
            true, "neighbor " + peer.address() + " has no family " + what);
      }
    }
    return told;
  }

  private void watchdog(Children.Child child, List<String> words, boolean announced) {
    String name = words.size() > 2 ? words.get(2) : child.config.name();
    for (Peer peer : speaker.peers().values()) {
      peer.routes.watchdog(name, announced);
      speaker.teller().wake(peer);
    }
    answer(child, "done");
  }

  private void endOfRib(Children.Child child, Selectors selectors, String command)
      throws MalformedException, RefusedException {
    AfiSafi family = Commands.family(command);
    for (Peer peer : established(child, selectors)) {
      peer.waiting.add(RouteWriter.endOfRib(family));
      speaker.teller().wake(peer);
    }
    answer(child, "done");
  }

  private void refresh(Children.Child child, Selectors selectors, String command)
      throws MalformedException, RefusedException {
    if (command.split("\\s+").length != 4) {
      throw new RefusedException("announce route-refresh needs a family, as in ipv4 unicast");
    }
    AfiSafi family = Commands.family(command);
    for (Peer peer : established(child, selectors)) {
      peer.waiting.add(RouteWriter.routeRefresh(family, 0));
      speaker.teller().wake(peer);
    }
    answer(child, "done");
  }

  private void view(Children.Child child, List<String> words) throws RefusedException {
    Views views = new Views(speaker.peers().values(), speaker.now());
    String what = words.size() > 1 ? words.get(1) : "";
    switch (what) {
      case "neighbor" -> show(child, views.neighbors(words.subList(2, words.size())));
      case "adj-rib" -> {
        if (words.size() < 3 || !words.get(2).equals("in") && !words.get(2).equals("out")) {
          throw new RefusedException("show adj-rib needs in or out");
        }
        show(child, views.routes(words));
      }
      case "adj-rib-in", "adj-rib-out" -> show(child, views.routes(words));
      default -> throw new RefusedException("there is no show " + what);
    }
  }
}
