package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Flow rules, RFC 8955 and RFC 8956, with and without a route distinguisher. */
final class FlowNlri {
  private static final int LONG_LENGTH = 0xf0;
  private static final int LAST = 0x80;
  private static final int AND = 0x40;
  private static final String[] NUMBER_OPERATOR = {"false", "=", ">", ">=", "<", "<=", "!=", "true"
  };
  private static final String[] BIT_OPERATOR = {"", "=", "!", "!="};

  private FlowNlri() {}

  /** @param nextHop null where there is none */
  static ObjectNode read(Cursor in, AfiSafi family, @Nullable String nextHop, JsonVersion version)
      throws MalformedException {
    int length = in.u8("length of a flow rule");
    if (length >= LONG_LENGTH) {
      length = (length & 0x0f) << 8 | in.u8("length of a flow rule");
    }
    Cursor rule = in.slice(length, "flow rule");
    String distinguisher =
        family.safi() == FamilyName.FLOW_VPN ? Text.routeDistinguisher(rule) : "";
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    StringBuilder text = new StringBuilder("flow");
    int before = 0;
    while (rule.hasMore()) {
      int code = rule.u8("component type");
      FlowComponent component = FlowComponent.of(code, family.afi())
          .orElseThrow(
              () -> new MalformedException("there is no component " + code + " of flow rules"));
      if (code < before) {
        throw new MalformedException("component " + code + " of a flow rule comes after " + before);
      }
      before = code;
      String name = component.name(family.afi());
      ArrayNode values = json.withArray("/" + name);
      String line;
      if (component.kind() == FlowComponent.Kind.PREFIX) {
        line = prefix(rule, family.afi(), values);
        if (rule.hasMore() && rule.peek(0) == code) { // said twice: the two stand together
          StringBuilder several = new StringBuilder("[ ").append(line);
          while (rule.hasMore() && rule.peek(0) == code) {
            rule.skip(1, "component type");
            several.append(' ').append(prefix(rule, family.afi(), values));
          }
          line = several.append(" ]").toString();
        }
      } else {
        line = operations(rule, component, values, version);
      }
      text.append(' ').append(name).append(' ').append(line);
    }
    if (!distinguisher.isEmpty()) {
      json.put("rd", distinguisher);
      text.append(" rd ").append(distinguisher);
    }
    if (nextHop != null) {
      json.put("next-hop", nextHop);
      text.append(" next-hop ").append(nextHop);
    }
    return json.put("string", text.toString());
  }

  private static String prefix(Cursor rule, int afi, ArrayNode to) throws MalformedException {
    int bits = rule.u8("prefix length");
    String offset = afi == FamilyName.IPV6 ? "/" + rule.u8("prefix offset") : "";
    String text = PrefixNlri.prefix(rule, bits, afi) + offset;
    to.add(text);
    return text;
  }

  private static String operations(
      Cursor rule, FlowComponent component, ArrayNode to, JsonVersion version)
      throws MalformedException {
    boolean oldFlags = version == JsonVersion.V4 && component.kind() == FlowComponent.Kind.BITS;
    StringBuilder line = new StringBuilder();
    List<String> alternatives = new ArrayList<>();
    int count = 0;
    int operator;
    do {
      operator = rule.u8("operator");
      long value =
          rule.unsigned(1 << (operator >> 4 & 3), "value of " + component.name(FamilyName.IPV4));
      String operation = operation(operator, value, component, version);
      boolean and = (operator & AND) != 0;
      line.append(count == 0 ? "" : and ? "&" : " ").append(operation);
      List<String> shown = oldFlags ? flags(operator, value, component) : List.of(operation);
      for (int i = 0; i < shown.size(); i++) {
        boolean joined = i == 0 && and && !alternatives.isEmpty();
        String text = (and ? "&" : "") + shown.get(i);
        alternatives.add(joined ? alternatives.removeLast() + text : text);
      }
      count++;
    } while ((operator & LAST) == 0);
    alternatives.forEach(to::add);
    return count > 1 ? "[ " + line + " ]" : line.toString();
  }

  /** ExaBGP 4 names each bit by itself, with the operator. */
  private static List<String> flags(int operator, long value, FlowComponent component) {
    String sign = BIT_OPERATOR[operator & 3];
    List<String> flags = new ArrayList<>();
    for (String flag : component.text(value).split("\\+")) {
      if (!flag.isEmpty()) {
        String text = sign + flag;
        flags.add(text.equals("!is-fragment") ? FlowComponent.NO_FRAGMENT : text);
      }
    }
    return flags;
  }

  private static String operation(
      int operator, long value, FlowComponent component, JsonVersion version) {
    if (component.kind() == FlowComponent.Kind.BITS) {
      return BIT_OPERATOR[operator & 3] + component.text(value);
    }
    String sign = NUMBER_OPERATOR[operator & 7];
    boolean always = (operator & 7) == 0 || (operator & 7) == 7;
    String text = version == JsonVersion.V4 ? component.textOfOld(value) : component.text(value);
    return always ? sign : sign + text;
  }
}
