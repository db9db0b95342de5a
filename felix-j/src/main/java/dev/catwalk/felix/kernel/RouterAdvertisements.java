package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What routers tell the node of the calling thread's namespace. */
final class RouterAdvertisements {
  private static final Logger LOG = LoggerFactory.getLogger("felix.kernel");
  private static final Path LINKS = Path.of("/proc/sys/net/ipv6/conf");

  private RouterAdvertisements() {}

  /**
   * To be called before forwarding of IPv6 is switched on: the kernel then forgets the default
   * routes that routers advertised, and heeds them no more, but on links with {@code accept_ra} 2.
   * Links that did heed them get that, so that the node stays reachable; where the owner has switched
   * forwarding on himself, all is left as he has it.
   */
  static void keep() throws KernelException {
    if (!Sysctl.read("net/ipv6/conf/all/forwarding").equals("0")) {
      return;
    }
    try (DirectoryStream<Path> links = Files.newDirectoryStream(LINKS)) {
      for (Path link : links) {
        String name = link.getFileName().toString();
        String accepts = "net/ipv6/conf/" + name + "/accept_ra";
        boolean hearsRouters = !name.equals("all") && !name.equals("lo");
        if (hearsRouters && Sysctl.read(accepts).equals("1") && Sysctl.want(accepts, "2")) {
          LOG.info("router advertisements stay heeded link={}", name);
        }
      }
    } catch (IOException e) {
      throw new KernelException("cannot list " + LINKS + ": " + e.getMessage(), e);
    }
  }
}
