package dev.catwalk.felix.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The pools that somebody wants a pod's address from, by name or range, the most wanted first. What
 * a pod's annotations say counts before what its namespace's do.
 */
public final class WantedPools {
  /** Our annotation: {@code rack1,rack2}, of both families. */
  public static final String ANNOTATION = "catwalk.dev/pools";

  /** Calico's: a JSON list of names or ranges. */
  public static final String CALICO_V4 = "cni.projectcalico.org/ipv4pools";

  public static final String CALICO_V6 = "cni.projectcalico.org/ipv6pools";

  private static final ObjectMapper JSON = new ObjectMapper();

  private WantedPools() {}

  /**
   * What annotations say of a family; empty where they say nothing.
   *
   * @throws CniException naming the annotation
   */
  public static List<String> annotated(Map<String, String> annotations, Family family)
      throws CniException {
    String ours = annotations.get(ANNOTATION);
    if (ours != null) {
      List<String> pools = new ArrayList<>();
      for (String pool : ours.split(",", -1)) {
        pools.add(named(ANNOTATION, ours, pool.strip()));
      }
      return pools;
    }
    String key = family == Family.IPV4 ? CALICO_V4 : CALICO_V6;
    String calicos = annotations.get(key);
    return calicos == null ? List.of() : list(key, calicos);
  }

  private static List<String> list(String key, String text) throws CniException {
    List<String> pools = new ArrayList<>();
    try {
      JsonNode list = JSON.readTree(text);
      for (JsonNode one : list == null || !list.isArray() ? JSON.createArrayNode() : list) {
        pools.add(named(key, text, one.isTextual() ? one.textValue() : ""));
      }
    } catch (JsonProcessingException e) {
      pools.clear();
    }
    if (pools.isEmpty()) {
      throw invalid(key, text);
    }
    return pools;
  }

  private static String named(String key, String text, String pool) throws CniException {
    if (pool.isEmpty()) {
      throw invalid(key, text);
    }
    return pool;
  }

  private static CniException invalid(String key, String text) {
    return new CniException(
        Code.INVALID_CONFIGURATION,
        "annotation " + key + ": '" + CniEnvironment.shown(text) + "' is not valid",
        key.equals(ANNOTATION) ? "want names as rack1,rack2" : "want a list as [\"rack1\"]");
  }
}
