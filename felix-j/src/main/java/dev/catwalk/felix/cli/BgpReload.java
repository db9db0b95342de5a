package dev.catwalk.felix.cli;

import dev.catwalk.bgp.netty.BgpService;
import dev.catwalk.felix.agent.ConfigWatch;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.config.ConfigException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A speaker follows the file that it was started with. */
final class BgpReload {
  private static final Logger log = LoggerFactory.getLogger(BgpReload.class);

  private final Path file;
  private final BgpService service;
  private BgpSection taken;

  private BgpReload(Path file, BgpSection taken, BgpService service) {
    this.file = file;
    this.taken = taken;
    this.service = service;
  }

  /**
   * From now on. What cannot be taken is logged, and all stays as it was.
   *
   * @param section that it was started with
   */
  static void follow(Path file, BgpSection section, BgpService service) {
    BgpReload reload = new BgpReload(file, section, service);
    ConfigWatch.start(file, reload::take);
  }

  private void take(String text) {
    try {
      BgpSection section = BgpSection.parseFile(file.toString(), text);
      if (section.mesh()) {
        log.error("the changed configuration is not taken why=mesh needs an agent's cluster");
        return;
      }
      if (!section.equals(taken)) {
        service.reconfigure(section.speaker());
        service.monitor(section.monitors());
        service.record(section.mrt());
        taken = section;
        log.info("configuration taken file={}", file);
      }
    } catch (ConfigException | IllegalArgumentException e) {
      log.error("the changed configuration is not taken why={}", e.getMessage());
    }
  }
}
