package dev.catwalk.lab;

import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Spaces;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Published designs of container networks, as something to build, type and see. */
enum Scenario {
  UNDERLAY("underlay", "every pod has an address that the physical network routes") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      up.build();
      up.look();
      up.matrix("who reaches whom", Optional.empty());
      nodeDies(network, progress);
    }
  },
  CALICO_MESH("calico-mesh", "every node has a session to every other, all in one AS") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      up.build();
      up.look();
      up.matrix("who reaches whom", Optional.empty());
    }
  },
  SWITCH("switch", "three containers on one host, at the addresses that they ask for") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      up.build();
      up.look();
      up.matrix("who reaches whom", Optional.empty());
    }
  },
  HOST_GW("host-gw", "hosts of one layer 2 are the gateways to their pods; one joins, one leaves") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      new HostGateway(up, network, progress).run();
    }
  },
  OVERLAY("overlay", "one subnet on two hosts, each address a route; agents die and come back") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      new Overlay(up, network, progress).run();
    }
  },
  WEAVE("weave", "three hosts in a chain: routes go through the middle, which is cut and heals") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      new Weave(up, network, progress).run();
    }
  },
  CONTROLLERS("controllers", "the store's leader dies while pods start and a policy comes") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      new Controllers(up, network, progress).run();
    }
  },
  CALICO_ACL("calico-acl", "policies open a frontend, a backend and a client step by step") {
    @Override
    void steps(Up up, Network network, Progress progress) throws LabException {
      up.build();
      up.look();
      up.steps(up.matrix("who reaches whom without a policy", Optional.empty()));
    }
  };

  /** Those of the design documents that nobody has written yet. */
  static final List<String> NOT_YET = List.of(
      "vlan-tags",
      "vxlan",
      "flow-priority",
      "cross-subnet",
      "bridge-nat",
      "calico-rr",
      "security-group",
      "move",
      "service");

  /** A router notices a dead neighbour after the hold time at the latest; then come the others. */
  private static final int SLACK_MS = 7_000;

  private final String word;
  private final String about;

  Scenario(String word, String about) {
    this.word = word;
    this.about = about;
  }

  /** Builds the network and goes through what the design promises of it. */
  abstract void steps(Up up, Network network, Progress progress) throws LabException;

  static @Nullable Scenario named(String word) {
    for (Scenario scenario : values()) {
      if (scenario.word.equals(word)) {
        return scenario;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return word;
  }

  String about() {
    return about;
  }

  /**
   * Builds, checks and, unless it shall be kept, removes it.
   *
   * @return whether every expectation held
   */
  boolean run(Site site, Options options, boolean keep, Progress progress) throws LabException {
    Network network = Network.planned(site, word, options);
    Up.clear(site, progress);
    LabLock.holding(site, () -> {
      steps(new Up(network, progress), network, progress);
    });
    if (!keep) {
      progress.say("");
      progress.step("removing it", () -> {
        LabLock.holding(site, () -> Teardown.remove(site));
        List<String> left = Teardown.leftovers(site);
        progress.check(new Check("nothing is left", left.isEmpty(), String.join("; ", left)));
        return "";
      });
    }
    return progress.end();
  }

  /** A node falls silent: every router forgets its block, the others' pods are reached as before. */
  private static void nodeDies(Network network, Progress progress) throws LabException {
    Site site = network.site();
    Node dead = network.plan().nodes().getLast();
    List<Prefix> blocks =
        network.blocks(network.plan().nodes().getFirst()).getOrDefault(dead.name(), List.of());
    int withinMs = network.plan().topology().bgp().holdTime() * 1000 + SLACK_MS;
    progress.say("");
    progress.step(dead.name() + " dies", () -> {
      Spaces.silence(site, network.plan(), dead.name());
      boolean gone = Exec.await(withinMs, () -> routersWith(network, blocks).isEmpty());
      progress.check(new Check(
          "every router withdraws " + blocks + " of the dead " + dead.name(),
          gone,
          gone ? "" : "still at " + routersWith(network, blocks)));
      return blocks + " withdrawn everywhere";
    });
    Matrix after = new Matrix(network.matrix().cells().stream()
        .map(c -> new Cell(c.probe(), c.expected() && !crosses(network, dead, c), c.answer()))
        .toList());
    progress.print("who reaches whom without " + dead.name(), after.text(Optional.empty()));
    for (Cell cell : after.cells()) {
      progress.check(new Check(
          cell.probe().from() + " to " + cell.probe().to() + " without " + dead.name(),
          cell.asExpected(),
          cell.toString()));
    }
  }

  /** Whether exactly one end of a probe is on the node. */
  private static boolean crosses(Network network, Node node, Cell cell) {
    return network.isOn(cell.probe().from(), node) != network.isOn(cell.probe().to(), node);
  }

  private static List<String> routersWith(Network network, List<Prefix> blocks)
      throws LabException {
    return Routers.views(network.site(), network.plan()).stream()
        .filter(v -> v.routes().stream().anyMatch(r -> blocks.contains(r.prefix())))
        .map(RouterView::router)
        .toList();
  }
}
