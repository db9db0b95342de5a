package dev.catwalk.raftstore.atomix;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once why a host is refused, though it tries twice a second. On the event loop. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final int MAX_HOSTS = 64;

  private final Map<String, String> said = new LinkedHashMap<>();

  void refused(String host, String why) {
    if (!why.equals(said.put(host, why))) {
      LOG.warn("refused a connection from {}: {}", host, why);
      if (said.size() > MAX_HOSTS) {
        said.remove(said.keySet().iterator().next());
      }
    }
  }

  void welcomed(String host) {
    said.remove(host);
  }
}
