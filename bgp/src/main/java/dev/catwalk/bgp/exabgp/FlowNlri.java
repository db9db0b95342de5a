package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
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
  static ObjectNode read(Cursor in, AfiSafi family, @Nullable String nextHop)
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
      String line = component.kind() == FlowComponent.Kind.PREFIX
          ? prefix(rule, family.afi(), values)
          : operations(rule, component, values);
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

  private static String operations(Cursor rule, FlowComponent component, ArrayNode to)
      throws MalformedException {
    StringBuilder line = new StringBuilder();
    StringBuilder alternative = new StringBuilder();
    int count = 0;
    int operator;
    do {
      operator = rule.u8("operator");
      String operation = operation(rule, operator, component);
      if (count > 0 && (operator & AND) == 0) {
        to.add(alternative.toString());
        line.append(alternative).append(' ');
        alternative.setLength(0);
      }
      alternative.append((operator & AND) != 0 ? "&" : "").append(operation);
      count++;
    } while ((operator & LAST) == 0);
    to.add(alternative.toString());
    line.append(alternative);
    return count > 1 ? "[ " + line + " ]" : line.toString();
  }

  private static String operation(Cursor rule, int operator, FlowComponent component)
      throws MalformedException {
    long value =
        rule.unsigned(1 << (operator >> 4 & 3), "value of " + component.name(FamilyName.IPV4));
    if (component.kind() == FlowComponent.Kind.BITS) {
      return BIT_OPERATOR[operator & 3] + component.text(value);
    }
    String sign = NUMBER_OPERATOR[operator & 7];
    boolean always = (operator & 7) == 0 || (operator & 7) == 7;
    return always ? sign : sign + component.text(value);
  }
}
