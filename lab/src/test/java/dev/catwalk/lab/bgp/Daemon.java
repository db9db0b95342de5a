package dev.catwalk.lab.bgp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real BGP router, AS 65001, in a namespace of its own, with its routes in that one's kernel. Its
 * neighbour is AS 64601 at 10.9.0.2, or at fd00:9::2; it comes back gracefully.
 */
abstract sealed class Daemon {
  final Netns netns;
  final String namespace;
  final Path dir;
  final List<Process> processes = new ArrayList<>();

  /**
   * What a daemon originates and how it speaks with us.
   *
   * @param bfd whether it watches the path, and heeds the C bit of our datagrams
   */
  record Setup(List<String> routes, String password, boolean overIpv6, boolean bfd) {
    Setup(List<String> routes, String password, boolean overIpv6) {
      this(routes, password, overIpv6, false);
    }

    Setup(List<String> routes, String password) {
      this(routes, password, false);
    }

    Setup withBfd() {
      return new Setup(routes, password, overIpv6, true);
    }

    /** Its own address. */
    String router() {
      return overIpv6 ? "fd00:9::1" : "10.9.0.1";
    }

    /** Ours. */
    String neighbour() {
      return overIpv6 ? "fd00:9::2" : "10.9.0.2";
    }

    /** That of the routes too. */
    String family() {
      return overIpv6 ? "ipv6" : "ipv4";
    }
  }

  private Daemon(Netns netns, String namespace, Path dir) {
    this.netns = netns;
    this.namespace = namespace;
    this.dir = dir;
  }

  static Daemon of(String kind, Netns netns, String namespace, Path dir) {
    return kind.equals("BIRD") ? new Bird(netns, namespace, dir) : new Frr(netns, namespace, dir);
  }

  /** Whether this machine has that one. */
  static boolean has(String kind) {
    return Files.isExecutable(
        Path.of(kind.equals("BIRD") ? "/usr/sbin/bird" : "/usr/lib/frr/bgpd"));
  }

  /** Starts it, or starts it again. */
  abstract void start(Setup setup);

  abstract boolean isEstablished();

  /** Whether its BFD says that the path to us works. */
  abstract boolean seesThePath();

  /** kill -9 of the routing daemon; the kernel keeps its routes. */
  void kill() {
    Process last = processes.removeLast();
    last.destroyForcibly();
    last.onExit().join();
  }

  /** Whether its kernel has a route there. */
  boolean forwards(String prefix) {
    String family = prefix.contains(":") ? "-6" : "-4";
    return !Netns.run("ip", "-n", namespace, family, "route", "show", prefix).isBlank();
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(dir.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void run(String log, String... command) {
    processes.add(netns.start(namespace, dir.resolve(log), command));
  }

  /** Debian's bird2. */
  private static final class Bird extends Daemon {
    Bird(Netns netns, String namespace, Path dir) {
      super(netns, namespace, dir);
    }

    @Override
    void start(Setup setup) {
      StringBuilder routes = new StringBuilder();
      setup.routes().forEach(r -> routes.append("route ").append(r).append(" blackhole; "));
      Path config = write("bird.conf", """
          router id 10.9.0.1;
          protocol device {}
          protocol kernel k4 { FAMILY { export where source = RTS_BGP; }; graceful restart on; }
          protocol bfd { interface "*" { interval 100 ms; multiplier 10; }; }
          protocol static { FAMILY; ROUTES }
          protocol bgp cw { local ROUTER as 65001; neighbor NEIGHBOUR as 64601; hold time 9;
            connect retry time 1; error wait time 1,2; passive on; graceful restart on; PASSWORD
            FAMILY { import all; export all; }; }
          """.replace("FAMILY", setup.family())
          .replace("ROUTES", routes)
          .replace("ROUTER", setup.router())
          .replace("NEIGHBOUR", setup.neighbour())
          .replace(
              "PASSWORD",
              (setup.password().isEmpty() ? "" : "password \"" + setup.password() + "\";")
                  + (setup.bfd() ? " bfd graceful;" : "")));
      run(
          "bird.log",
          "/usr/sbin/bird",
          "-f",
          "-R",
          "-c",
          config.toString(),
          "-s",
          dir.resolve("ctl").toString());
    }

    @Override
    boolean isEstablished() {
      return Files.exists(dir.resolve("ctl"))
          && Netns.run("birdc", "-s", dir.resolve("ctl").toString(), "show", "protocols", "cw")
              .contains("Established");
    }

    @Override
    boolean seesThePath() {
      return Netns.run("birdc", "-s", dir.resolve("ctl").toString(), "show", "bfd", "sessions")
          .contains(" Up ");
    }
  }

  /** Debian's frr: zebra for the kernel, bgpd. */
  private static final class Frr extends Daemon {
    private static final String BFD = """
        neighbor 10.9.0.2 bfd
         neighbor 10.9.0.2 bfd profile fast
         neighbor 10.9.0.2 bfd check-control-plane-failure""";

    Frr(Netns netns, String namespace, Path dir) {
      super(netns, namespace, dir);
    }

    @Override
    void start(Setup setup) {
      StringBuilder routes = new StringBuilder();
      setup.routes().forEach(r -> routes.append("  network ").append(r).append('\n'));
      Path config = write("bgpd.conf", """
          router bgp 65001
           bgp router-id 10.9.0.1
           no bgp ebgp-requires-policy
           no bgp network import-check
           bgp graceful-restart
           bgp graceful-restart preserve-fw-state
           neighbor NEIGHBOUR remote-as 64601
           neighbor NEIGHBOUR timers 3 9
           neighbor NEIGHBOUR timers connect 1
           PASSWORD
           BFD
           address-family FAMILY unicast
            neighbor NEIGHBOUR activate
          ROUTES exit-address-family
          """.replace("FAMILY", setup.family())
          .replace("ROUTES", routes)
          .replace(
              "PASSWORD",
              setup.password().isEmpty() ? "!" : "neighbor NEIGHBOUR password " + setup.password())
          .replace("BFD", setup.bfd() ? BFD : "!")
          .replace("NEIGHBOUR", setup.neighbour()));
      if (processes.isEmpty()) {
        Path none = write("zebra.conf", "hostname z\n");
        Netns.run("chown", "-R", "frr:frr", dir.toString()); // zebra becomes that user
        run(
            "zebra.log",
            "/usr/lib/frr/zebra",
            "-f",
            none.toString(),
            "-i",
            dir.resolve("zpid").toString(),
            "-z",
            dir.resolve("zserv").toString(),
            "--vty_socket",
            dir.toString(),
            "-P",
            "0");
        Netns.within(20, () -> Files.exists(dir.resolve("zserv")));
        if (setup.bfd()) {
          bfdd();
        }
      }
      run(
          "frr.log",
          "/usr/lib/frr/bgpd",
          "-S",
          "-f",
          config.toString(),
          "-i",
          dir.resolve("pid").toString(),
          "-z",
          dir.resolve("zserv").toString(),
          "--vty_socket",
          dir.toString(),
          "-P",
          "0",
          "-l",
          setup.router());
    }

    private void bfdd() {
      Path profile = write("bfdd.conf", """
          bfd
           profile fast
            detect-multiplier 10
            receive-interval 100
            transmit-interval 100
          """);
      run(
          "bfdd.log",
          "/usr/lib/frr/bfdd",
          "-f",
          profile.toString(),
          "-i",
          dir.resolve("bfdd.pid").toString(),
          "-z",
          dir.resolve("zserv").toString(),
          "--vty_socket",
          dir.toString(),
          "--bfdctl",
          dir.resolve("bfdd.sock").toString(),
          "-P",
          "0");
    }

    @Override
    boolean isEstablished() {
      return Files.exists(dir.resolve("bgpd.vty"))
          && ask("bgpd", "show bgp neighbors 10.9.0.2").contains("BGP state = Established");
    }

    @Override
    boolean seesThePath() {
      return ask("bfdd", "show bfd peers").contains("Status: up");
    }

    private String ask(String daemon, String line) {
      return Netns.runAnyway("vtysh", "--vty_socket", dir.toString(), "-d", daemon, "-c", line);
    }
  }
}
