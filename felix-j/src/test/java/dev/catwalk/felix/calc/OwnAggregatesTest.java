package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody draws packets for addresses that are not its own. */
class OwnAggregatesTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', nullValues = "told", textBlock = """
      round our blocks          | 10.42.0.0/24   | told
      where nobody has a block  | 10.42.8.0/24   | told
      the pool, with another's  | 10.42.0.0/16   | node n2 has the block 10.42.1.0/26 in it
      in a block of another's   | 10.42.1.0/27   | it is in the block 10.42.1.0/26 of node n2
      beyond every pool         | 10.0.0.0/8     | it has addresses in it that are in no pool
      in no pool at all         | 192.0.2.0/24   | it has addresses in it that are in no pool
      two pools side by side    | 10.44.0.0/15   | told
      one of those and a gap    | 10.46.0.0/15   | it has addresses in it that are in no pool
      of the other family       | fd00:42::/100  | told
      """)
  void anAggregateOfOnesOwn(String what, Prefix prefix, String why) {
    OwnAggregates aggregates =
        OwnAggregates.of(List.of(new Aggregate(prefix, true)), false, "n1", ipam());
    assertEquals(
        why == null ? List.of() : List.of(why),
        List.copyOf(aggregates.withheld().values()),
        what);
    assertEquals(why == null ? 1 : 0, aggregates.told().size());
  }

  @Test
  void whoPassesOnWhatOthersToldTellsAllAtOnce() {
    List<Aggregate> configured = List.of(new Aggregate(Prefix.parse("10.0.0.0/8"), true));
    assertEquals(configured, OwnAggregates.of(configured, true, "n1", ipam()).told());
    assertEquals(configured, OwnAggregates.early(configured, true).told());
  }

  @Test
  void atFirstNothingIsHiddenBehindOne() {
    Prefix prefix = Prefix.parse("10.42.0.0/16");
    assertEquals(
        List.of(new Aggregate(prefix, false)),
        OwnAggregates.early(List.of(new Aggregate(prefix, true)), false).told());
  }

  @Test
  void packetsAreDroppedForThoseAloneThatAreTold() {
    OwnAggregates aggregates = new OwnAggregates(
        List.of(
            new Aggregate(Prefix.parse("10.42.0.0/24"), true),
            new Aggregate(Prefix.parse("10.42.2.0/24"), true),
            new Aggregate(Prefix.parse("10.42.3.0/26"), true),
            new Aggregate(Prefix.parse("10.42.4.0/24"), true)),
        new TreeMap<>());
    assertEquals(
        prefixes("10.42.0.0/24 10.42.2.0/24"),
        aggregates.discarded(
            prefixes("10.42.0.64/26 10.42.3.0/26"), prefixes("10.42.2.0/24 10.42.9.0/24")));
  }

  private static TreeSet<Prefix> prefixes(String text) {
    return new TreeSet<>(Arrays.stream(text.split(" ")).map(Prefix::parse).toList());
  }

  private static IpamState ipam() {
    IpamState state = IpamState.empty();
    int number = 0;
    for (String cidr :
        List.of("10.42.0.0/16", "10.44.0.0/16", "10.45.0.0/16", "10.46.0.0/16", "fd00:42::/80")) {
      Prefix prefix = Prefix.parse(cidr);
      state = state.withPool(
          new Pool("p" + number++, prefix, prefix.address().isV4() ? 26 : 122, false, false));
    }
    String[][] blocks = {{"10.42.0.0/26", "n1"}, {"10.42.0.64/26", "n1"}, {"10.42.1.0/26", "n2"}};
    for (String[] block : blocks) {
      state = state.withBlock(
          Block.fresh(Prefix.parse(block[0]), "p0", new NodeEpoch(block[1], 1), 1, 1));
    }
    return state;
  }
}
