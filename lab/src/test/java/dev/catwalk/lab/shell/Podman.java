package dev.catwalk.lab.shell;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.shell.Exec.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * podman on a node of a lab, with its CNI back end and the plugin as {@code catwalk cni install}
 * places it. It runs in the node's network namespace and in no other mount namespace than ours, so
 * that agent and runtime mean the same by the path of a container's namespace.
 */
public final class Podman {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final int HELPER_MS = 20_000;
  private static final String CONFIGURATION = """
      [network]
      network_backend = "cni"
      network_config_dir = "LISTS"
      cni_plugin_dirs = ["PLUGINS"]
      [engine]
      cgroup_manager = "cgroupfs"
      runtime = "runc"
      events_logger = "file"
      [containers]
      default_ulimits = ["nofile=20000:20000", "nproc=30000:30000"]
      """;

  private final Site site;
  private final String node;
  private final Path folder;
  private final Path rootfs;

  private Podman(Site site, String node) {
    this.site = site;
    this.node = node;
    this.folder = site.root(node).resolve("podman");
    this.rootfs = folder.resolve("rootfs");
  }

  /** Installs the plugin for it. Skips the calling test where podman cannot run. */
  public static Podman on(Site site, String node) throws LabException, IOException {
    for (Path program : List.of(Path.of("/usr/bin/podman"), Path.of("/usr/sbin/runc"), BUSYBOX)) {
      assumeTrue(Files.isExecutable(program), "needs " + program);
    }
    assumeTrue(Files.exists(Path.of("/sys/fs/cgroup")), "needs control groups for containers");
    Podman podman = new Podman(site, node);
    podman.makeRootfs();
    Path lists = podman.folder.resolve("net.d");
    Path plugins = podman.folder.resolve("bin");
    podman.place(lists, plugins);
    site.write(
        podman.configuration(),
        CONFIGURATION.replace("LISTS", lists.toString()).replace("PLUGINS", plugins.toString()));
    return podman;
  }

  private void makeRootfs() throws IOException {
    for (String folder : List.of("bin", "dev", "etc", "proc", "run", "sys", "tmp")) {
      Files.createDirectories(rootfs.resolve(folder));
    }
    Files.copy(BUSYBOX, rootfs.resolve("bin/busybox"), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(rootfs.resolve("tmp/node"), node);
  }

  private void place(Path lists, Path plugins) throws LabException {
    Result placed = Exec.run(
        Agents.launcher(),
        "",
        List.of(
            site.home().resolve("catwalk").toString(),
            "--socket",
            site.socket(node).toString(),
            "cni",
            "install",
            "--bin-dir",
            plugins.toString(),
            "--conf-dir",
            lists.toString()));
    if (placed.status() != 0) {
      throw new LabException("catwalk cni install: " + placed);
    }
  }

  private Path configuration() {
    return folder.resolve("containers.conf");
  }

  /** Starts a container that serves its node's name by HTTP, port 8080. */
  public void run(String name) throws LabException {
    must(
        "run",
        "-d",
        "--name",
        name,
        "--network",
        "catwalk",
        "--rootfs",
        rootfs.toString(),
        "/bin/busybox",
        "httpd",
        "-f",
        "-p",
        "8080",
        "-h",
        "/tmp");
  }

  /** What a busybox command in a container prints; any status but 0 is an error. */
  public String exec(String name, String... command) throws LabException {
    List<String> all = new ArrayList<>(List.of("exec", name, "/bin/busybox"));
    all.addAll(List.of(command));
    return must(all.toArray(String[]::new));
  }

  /**
   * Ends a container, waits until podman's helper has cleaned up after it, and removes it; there may
   * be none. Not by {@code rm -f}: that and the helper clean up at the same time, and podman 4.3 may
   * then wait for itself forever.
   */
  public void remove(String name) throws LabException {
    if (run("kill", name).status() == 0) {
      Exec.await(HELPER_MS, () -> ProcessHandle.allProcesses().noneMatch(this::isHelper));
    }
    must("rm", "-f", "-i", name);
  }

  /** Whether a process watches over one of our containers or cleans up after it. */
  private boolean isHelper(ProcessHandle process) {
    String command = String.join(" ", process.info().arguments().orElse(new String[0]));
    return command.contains(folder.toString());
  }

  /** Names of its containers. */
  public String containers() throws LabException {
    return must("ps", "-a", "--format", "{{.Names}}");
  }

  private String must(String... arguments) throws LabException {
    Result result = run(arguments);
    if (result.status() != 0) {
      throw new LabException("podman " + String.join(" ", arguments) + ": " + result);
    }
    return result.out();
  }

  private Result run(String... arguments) throws LabException {
    List<String> command = new ArrayList<>(List.of(
        "nsenter",
        "--net=/run/netns/" + site.netns(node),
        "podman",
        "--root",
        folder.resolve("storage").toString(),
        "--runroot",
        folder.resolve("run").toString(),
        "--tmpdir",
        folder.resolve("tmp").toString(),
        "--storage-driver",
        "vfs"));
    command.addAll(List.of(arguments));
    Map<String, String> environment = new TreeMap<>(site.environment());
    environment.put("CONTAINERS_CONF", configuration().toString());
    return Exec.run(environment, "", command);
  }
}
