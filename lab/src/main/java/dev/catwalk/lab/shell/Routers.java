package dev.catwalk.lab.shell;

import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.topology.BirdConfig;
import dev.catwalk.lab.topology.FrrConfig;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The real routers: BIRD, and FRR's zebra and bgpd without its supervisor. */
public final class Routers {
  private static final String FRR = "/usr/lib/frr/";
  private static final int ANSWERS_WITHIN_MS = 5_000;

  private Routers() {}

  public static void start(Site site, Plan plan) throws LabException {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Router router : plan.routers()) {
      tasks.add(() -> {
        switch (router.speaker()) {
          case BIRD -> bird(site, plan, router);
          case FRR -> frr(site, plan, router);
        }
        return null;
      });
    }
    Exec.all(tasks);
  }

  private static void bird(Site site, Plan plan, Router router) throws LabException {
    Path folder = site.root(router.name());
    Path config = site.write(folder.resolve("bird.conf"), BirdConfig.render(plan, router));
    List<String> bird = List.of(
        "bird", "-f", "-c", config.toString(), "-s", folder.resolve("bird.ctl").toString());
    Exec.must(List.of("bird", "-p", "-c", config.toString()));
    Path log = folder.resolve("bird.log");
    Process process = site.start(log, site.environment(), site.in(site.netns(router.name()), bird));
    answers(router, process, log, birdc(site, router, "show status"));
  }

  /** Closes one of a BIRD's sessions, as its operator would; the cable stays. */
  public static void disable(Site site, Router router, String neighbour) throws LabException {
    String socket = site.root(router.name()).resolve("bird.ctl").toString();
    Exec.must(List.of("birdc", "-s", socket, "disable", "'" + neighbour + "'"));
  }

  private static List<String> birdc(Site site, Router router, String question) {
    String socket = site.root(router.name()).resolve("bird.ctl").toString();
    List<String> command = new ArrayList<>(List.of("birdc", "-r", "-s", socket));
    command.addAll(List.of(question.split(" ")));
    return command;
  }

  /** They leave root for the user {@code frr}, who needs a folder of its own for its sockets. */
  private static void frr(Site site, Plan plan, Router router) throws LabException {
    Path folder = site.root(router.name());
    Path config = site.write(folder.resolve("bgpd.conf"), FrrConfig.render(plan, router));
    Path none = site.write(folder.resolve("zebra.conf"), "hostname " + router.name() + "\n");
    giveToFrr(folder, none, config);
    for (String daemon : List.of("zebra", "bgpd")) {
      List<String> command = List.of(
          FRR + daemon,
          "-f",
          (daemon.equals("zebra") ? none : config).toString(),
          "-z",
          folder.resolve("zserv.api").toString(),
          "--vty_socket",
          folder.toString(),
          "-i",
          folder.resolve(daemon + ".pid").toString(),
          "-A",
          "127.0.0.1",
          "-P",
          "0",
          "--log",
          "stdout");
      Path log = folder.resolve(daemon + ".log");
      Process process =
          site.start(log, site.environment(), site.in(site.netns(router.name()), command));
      Path vty = folder.resolve(daemon + ".vty");
      answers(router, process, log, List.of("test", "-S", vty.toString()));
    }
    answers(router, null, folder.resolve("bgpd.log"), vtysh(site, router, "show version"));
  }

  private static void giveToFrr(Path... files) throws LabException {
    try {
      UserPrincipalLookupService users = files[0].getFileSystem().getUserPrincipalLookupService();
      UserPrincipal user = users.lookupPrincipalByName("frr");
      GroupPrincipal group = users.lookupPrincipalByGroupName("frr");
      for (Path file : files) {
        PosixFileAttributeView view = Files.getFileAttributeView(
            file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        view.setOwner(user);
        view.setGroup(group);
        view.setPermissions(PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException e) {
      throw new LabException("cannot give FRR its folder: " + e + ": is the package frr whole?", e);
    }
  }

  private static List<String> vtysh(Site site, Router router, String question) {
    String folder = site.root(router.name()).toString();
    return List.of("vtysh", "--vty_socket", folder, "-d", "bgpd", "-c", question);
  }

  private static void answers(
      Router router, @Nullable Process process, Path log, List<String> question)
      throws LabException {
    boolean there = Exec.await(ANSWERS_WITHIN_MS, () -> {
      if (process != null && !process.isAlive()) {
        throw new LabException(router.name() + " ended at once: " + Logs.end(log));
      }
      return Exec.run(Map.of(), "", question).status() == 0;
    });
    if (!there) {
      throw new LabException(router.name() + " does not answer '" + String.join(" ", question)
          + "': " + Logs.end(log));
    }
  }

  /** Asks the router itself. */
  public static RouterView view(Site site, Router router) throws LabException {
    return switch (router.speaker()) {
      case BIRD ->
        RouterView.ofBird(
            router.name(),
            Exec.must(birdc(site, router, "show protocols")),
            Exec.must(birdc(site, router, "show route all")));
      case FRR -> {
        RouterView all = new RouterView(router.name(), List.of(), List.of());
        for (String family : List.of("ipv4", "ipv6")) {
          String show = "show bgp " + family + " unicast ";
          all = all.with(RouterView.ofFrr(
              router.name(),
              Exec.must(vtysh(site, router, show + "summary json")),
              Exec.must(vtysh(site, router, show + "json"))));
        }
        yield all;
      }
    };
  }

  public static List<RouterView> views(Site site, Plan plan) throws LabException {
    List<Callable<RouterView>> tasks = new ArrayList<>();
    plan.routers().forEach(router -> tasks.add(() -> view(site, router)));
    return Exec.all(tasks);
  }
}
