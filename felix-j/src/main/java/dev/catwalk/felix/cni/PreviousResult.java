package dev.catwalk.felix.cni;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniResult.Attached;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what the runtime remembers with what the container has. Other plugins of the list may
 * have added to the result, so only what is missing counts.
 */
public final class PreviousResult {

  private PreviousResult() {}

  /** What of {@code attached} the result lacks. */
  public static List<Mismatch> compare(JsonNode result, Attached attached) {
    List<Mismatch> found = new ArrayList<>();
    found.addAll(link(result, attached.hostIf(), attached.hostMac().toString()));
    found.addAll(link(result, attached.podIf(), attached.podMac().toString()));
    for (int i = 0; i < attached.addresses().size(); i++) {
      IpAddress address = attached.addresses().get(i);
      String gateway = attached.gateways().get(i).toString();
      if (!has(result.path("ips"), "address", address.asPrefix().toString(), "gateway", gateway)) {
        found.add(lacks("address " + address + " with gateway " + gateway));
      }
      String all = address.isV4() ? "0.0.0.0/0" : "::/0";
      if (!has(result.path("routes"), "dst", all, "gw", gateway)) {
        found.add(lacks("route " + all + " by " + gateway));
      }
    }
    return found;
  }

  private static List<Mismatch> link(JsonNode result, String name, String mac) {
    return has(result.path("interfaces"), "name", name, "mac", mac)
        ? List.of()
        : List.of(lacks("interface " + name + " with " + mac));
  }

  private static boolean has(
      JsonNode list, String key, String wanted, String otherKey, String otherWanted) {
    for (JsonNode one : list) {
      String other = one.path(otherKey).asText("");
      if (one.path(key).asText("").equals(wanted)
          && (other.isEmpty() || other.equals(otherWanted))) {
        return true;
      }
    }
    return false;
  }

  private static Mismatch lacks(String what) {
    return new Mismatch(Code.RESULT_DIFFERS, "prevResult lacks " + what);
  }
}
