package dev.catwalk.felix.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that somebody wants for a pod, at most one of each family. Asked for, the most
 * direct word first, by the capability {@code ips}, {@code args.cni.ips}, {@code IP} in CNI_ARGS,
 * the pod's annotations: the first of these that says something counts alone.
 */
public final class FixedAddresses {
  /** Our annotation: {@code 10.42.1.7} or {@code 10.42.1.7,fd00::7}. */
  public static final String ANNOTATION = "catwalk.dev/addresses";

  /** Calico's: a JSON list of addresses. */
  public static final String CALICO_ANNOTATION = "cni.projectcalico.org/ipAddrs";

  private static final ObjectMapper JSON = new ObjectMapper();

  private FixedAddresses() {}

  /**
   * What a pod's annotations say; empty where they say nothing.
   *
   * @throws CniException naming the annotation
   */
  public static List<IpAddress> annotated(Map<String, String> annotations) throws CniException {
    String ours = annotations.get(ANNOTATION);
    if (ours != null) {
      return parse("annotation " + ANNOTATION, List.of(ours.split(",", -1)));
    }
    String calicos = annotations.get(CALICO_ANNOTATION);
    return calicos == null ? List.of() : parse("annotation " + CALICO_ANNOTATION, list(calicos));
  }

  private static List<String> list(String text) throws CniException {
    JsonNode list = read(text);
    List<String> texts = new ArrayList<>();
    for (JsonNode one : list == null || !list.isArray() ? JSON.createArrayNode() : list) {
      texts.add(one.isTextual() ? one.textValue() : one.toString());
    }
    if (texts.isEmpty()) {
      throw invalid("annotation " + CALICO_ANNOTATION, text, "want a list as [\"10.42.1.7\"]");
    }
    return texts;
  }

  private static @Nullable JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Reads addresses, each alone or with the length of its subnet, which says nothing here. */
  static List<IpAddress> parse(String where, List<String> texts) throws CniException {
    List<IpAddress> addresses = new ArrayList<>();
    Set<Family> families = EnumSet.noneOf(Family.class);
    for (String text : texts) {
      IpAddress address = parse(where, text.strip());
      if (!families.add(address.family())) {
        throw invalid(where, String.join(", ", texts), "want at most one address of each family");
      }
      addresses.add(address);
    }
    return addresses;
  }

  private static IpAddress parse(String where, String text) throws CniException {
    int slash = text.indexOf('/');
    IpAddress address =
        IpAddress.tryParse(slash < 0 ? text : text.substring(0, slash)).orElse(null);
    if (address == null || slash >= 0 && !isLength(text.substring(slash + 1), address)) {
      throw invalid(where, text, "want an address as 10.42.1.7");
    }
    return address;
  }

  private static boolean isLength(String text, IpAddress address) {
    return text.matches("[0-9]{1,3}")
        && Integer.parseInt(text) <= address.family().bits();
  }

  private static CniException invalid(String where, String value, String want) {
    Code code = where.startsWith("CNI_") ? Code.INVALID_ENVIRONMENT : Code.INVALID_CONFIGURATION;
    return new CniException(
        code, where + ": '" + CniEnvironment.shown(value) + "' is not valid", want);
  }
}
