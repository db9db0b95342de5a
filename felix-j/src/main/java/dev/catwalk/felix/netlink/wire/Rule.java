package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.Prefix;

/**
 * A routing rule: packets from a source are looked up in a table.
 *
 * @param priority lower is asked first; the main table's is 32766
 */
public record Rule(Prefix source, int table, int priority) {

  static void encode(Rule rule, Sink out) {
    out.put8(Sink.family(rule.source.family()))
        .put8(0)
        .put8(rule.source.length())
        .put8(0);
    out.put8(Rt.RT_TABLE_COMPAT).put8(0).put8(0).put8(Rt.FR_ACT_TO_TBL).put32(0);
    out.bytes(Rt.FRA_SRC, rule.source.address().toBytes());
    out.int32(Rt.FRA_TABLE, rule.table);
    out.int32(Rt.FRA_PRIORITY, rule.priority);
  }
}
