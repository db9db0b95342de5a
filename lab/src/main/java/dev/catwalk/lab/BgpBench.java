package dev.catwalk.lab;

import dev.catwalk.lab.check.BgpCase;
import dev.catwalk.lab.check.BgpFigures;
import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.Blast;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Our BGP speaker beside the ones that are installed: the same stream, the same run, by turns. */
final class BgpBench {
  private static final String BASE = "bird";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)+");

  /** A speaker, by the name that the load tool has for it. */
  private record Peer(String name, Path program, List<String> version) {
    boolean isThere() {
      return Files.isExecutable(program);
    }
  }

  private static final List<Peer> PEERS = List.of(
      new Peer(BASE, Path.of("/usr/sbin/bird"), List.of("/usr/sbin/bird", "--version")),
      new Peer("frr", Path.of("/usr/lib/frr/bgpd"), List.of("/usr/lib/frr/bgpd", "--version")),
      new Peer("gobgp", Path.of("/usr/bin/gobgpd"), List.of("/usr/bin/gobgpd", "--version")));

  /** Those of a later Debian below a directory, by the names that the load tool has for them. */
  private static List<Peer> below(Path chroot) {
    return List.of(
        below(chroot, "bird3", "/usr/sbin/bird"),
        below(chroot, "frr10", "/usr/lib/frr/bgpd"),
        below(chroot, "gobgp36", "/usr/bin/gobgpd"));
  }

  private static Peer below(Path chroot, String name, String program) {
    return new Peer(
        name,
        chroot.resolve(program.substring(1)),
        List.of("chroot", chroot.toString(), program, "--version"));
  }

  private BgpBench() {}

  @Command(
      name = "bgp",
      description = "'catwalk bgp run' beside BIRD, and FRR and GoBGP by --peers, under load.")
  static final class Verb extends Bench.Verb {
    @Parameters(
        paramLabel = "CASE",
        arity = "0..*",
        description = "t1m, t1m-cold, t100k-cold, multi8, fan50, mesh200, mesh1000, storm200,"
            + " storm1000, churn, drop500k; all without one")
    List<String> cases = new ArrayList<>();

    @Option(names = "--reps", description = "how often each speaker has its turn")
    int repetitions = 3;

    @Option(
        names = "--peers",
        split = ",",
        paramLabel = "NAME",
        description = "bird, frr, gobgp: those of them that are installed are played; else bird."
            + " With --chroot also bird3, frr10, gobgp36")
    List<String> peers = List.of(BASE);

    @Option(
        names = "--chroot",
        paramLabel = "DIR",
        description =
            "where a later Debian is, as debootstrap makes one, with bird3, frr and gobgpd")
    @Nullable
    Path chroot;

    @Override
    Bench.Run run() throws LabException {
      return of(chosen(cases), peers, chroot, Math.max(1, repetitions));
    }
  }

  static List<BgpCase> chosen(List<String> names) throws LabException {
    Map<String, BgpCase> byName = new LinkedHashMap<>();
    BgpCase.ALL.forEach(c -> byName.put(c.name(), c));
    if (names.isEmpty()) {
      return BgpCase.ALL;
    }
    List<BgpCase> chosen = new ArrayList<>();
    for (String name : names) {
      BgpCase found = byName.get(name);
      if (found == null) {
        throw new LabException("'" + name + "' is no case: choose of " + byName.keySet());
      }
      chosen.add(found);
    }
    return chosen;
  }

  static Bench.Run of(
      List<BgpCase> cases, List<String> peers, @Nullable Path chroot, int repetitions) {
    List<Peer> known = new ArrayList<>(PEERS);
    if (chroot != null) {
      known.addAll(below(chroot.toAbsolutePath()));
    }
    return (site, progress) -> {
      SequencedMap<String, String> there = new LinkedHashMap<>();
      for (Peer peer : known) {
        if (peers.contains(peer.name())) {
          String version = peer.isThere() ? version(peer) : "not installed, not played";
          progress.say(peer.name() + ": " + version);
          if (peer.isThere()) {
            there.put(peer.name(), number(version));
          }
        }
      }
      Blast blast = new Blast(site, chroot);
      List<Measurement> found = new ArrayList<>();
      long begun = System.nanoTime();
      int number = 0;
      for (BgpCase played : cases) {
        long passed = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        progress.say(
            played.name() + " (" + ++number + " of " + cases.size() + ", after " + passed + " s)");
        List<String> lines = blast.play(
            played, List.copyOf(there.keySet()), repetitions, line -> progress.say("  " + line));
        found.addAll(BgpFigures.read(lines)
            .rows(played, Blast.OURS, BASE, played.alone() ? new LinkedHashMap<>() : there));
      }
      return found;
    };
  }

  /** What of it is the number. */
  private static String number(String version) {
    Matcher number = NUMBER.matcher(version);
    return number.find() ? number.group() : "";
  }

  private static String version(Peer peer) throws LabException {
    Exec.Result said = Exec.run(Map.of(), "", peer.version());
    return (said.out() + said.err()).lines().findFirst().orElse("?");
  }
}
