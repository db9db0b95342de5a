package dev.catwalk.bgp.children;

import dev.catwalk.bgp.exabgp.ProcessConfig;
import dev.catwalk.bgp.netty.ExaService;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All programs of one configuration. Its verbs never wait, {@link #close} excepted. */
public final class ChildProcesses implements ExaService.Processes {
  private static final Logger LOG = LoggerFactory.getLogger(ChildProcesses.class);

  private final ExaService service;
  private final File folder;
  private final ConcurrentHashMap<String, Child> running = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Child> ending = new ConcurrentLinkedQueue<>();

  /**
   * @param service is told of lines and ends
   * @param folder of the configuration file: where relative names of programs are looked for first
   */
  public ChildProcesses(ExaService service, File folder) {
    this.service = service;
    this.folder = folder;
  }

  @Override
  public void launch(ProcessConfig process) {
    String name = process.name();
    try {
      Child child = Child.start(process, folder, new Child.Listener() {
        @Override
        public void said(String line, Runnable worked) {
          service.said(name, line, worked);
        }

        @Override
        public void ended(String why) {
          running.remove(name);
          service.processEnded(name, why);
        }
      });
      running.put(name, child);
      LOG.info("process {} started: {}", name, String.join(" ", process.run()));
    } catch (IOException e) {
      service.processEnded(name, "it cannot be started: " + e.getMessage());
    }
  }

  @Override
  public void tell(String process, List<String> lines) {
    Child child = running.get(process);
    if (child != null) {
      child.tell(lines);
    }
  }

  @Override
  public void terminate(String process) {
    Child child = running.remove(process);
    if (child != null) {
      child.close();
      ending.add(child);
    }
  }

  @Override
  public void close() {
    List.copyOf(running.keySet()).forEach(this::terminate);
    for (Child child = ending.poll(); child != null; child = ending.poll()) {
      child.awaitEnd();
    }
  }
}
