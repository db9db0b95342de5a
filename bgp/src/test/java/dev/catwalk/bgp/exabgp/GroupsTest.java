package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The octets of groups of commands: what they have in common is no other than what each says. */
class GroupsTest {
  private static final String MARKER = "FF".repeat(16);

  /** Messages without their markers. */
  private static List<String> messages(String line) throws MalformedException {
    return Arrays.stream(EncodeRequest.parse(line).encode().split(" "))
        .map(message -> message.substring(MARKER.length()))
        .toList();
  }

  @Test
  void eachRouteHasItsOwnWordsBesideThoseOfTheGroup() throws MalformedException {
    assertEquals(
        List.of(
            "004A020000002B400101004002004003047F0000018004040000000340050400000064C0080C0001"
                + "00020001000200070007180A0000180A0001",
            "004A020000002F400101004002004003047F0000018004040000000340050400000064C008100001"
                + "0002000100020005000500070007180A0002",
            "0046020000002B400101004002004003047F0000018004040000000440050400000064C0080C0001"
                + "00020001000200070007180A0003",
            "001B020004180A09000000"),
        messages("group attributes next-hop self community [ 7:7 1:2 1:2 ] med 3 ; "
            + "announce route 10.0.0.0/24 ; "
            + "announce route 10.0.1.0/24 ; "
            + "announce route 10.0.2.0/24 community 5:5 ; "
            + "announce route 10.0.3.0/24 med 4 ; "
            + "withdraw route 10.9.0.0/24"));
  }

  @Test
  void routesThatAreTheSameToThePeerShareAMessage() throws MalformedException {
    assertEquals(
        List.of(
            "00300200000015400101004002004003047F00000140050400000032180A0000",
            "00300200000015400101004002004003047F0000014005040000003C180A0001",
            "00340200000015400101004002004003047F00000140050400000032180A0002180A0003",
            "003E0200000023400101004002004003047F00000140050400000032801A0B01000B000000000000"
                + "0005180A0004",
            "0036020000001B4001010040020602010000FFFD4003047F00000140050400000032180A0005"),
        messages("group attributes next-hop self local-preference 50 ; "
            + "announce route 10.0.0.0/24 ; "
            + "announce route 10.0.1.0/24 local-preference 60 ; "
            + "announce route 10.0.2.0/24 origin igp ; "
            + "announce route 10.0.3.0/24 next-hop 127.0.0.1 ; "
            + "announce route 10.0.4.0/24 aigp 5 ; "
            + "announce route 10.0.5.0/24 as-path [ 65533 ]"));
  }

  @Test
  void whatIsSaidLaterOfAllIsNotOfThoseBefore() throws MalformedException {
    assertEquals(
        List.of(
            "0072020000005B4001010040020040050400000064C0101000020001000000020003000300000004"
                + "C02018000000010000000100000001000000030000000300000003800E1C0002011020010DB80000"
                + "00000000000000000001003020010DB80001",
            "008002000000694001010040020E020300000001000000020001117040050400000064C010100002"
                + "0001000000020003000300000004C020180000000100000001000000010000000300000003000000"
                + "03800E1C0002011020010DB8000000000000000000000001003020010DB80002",
            "0094020000007D4001010040020E020300000001000000020001117040050400000064C010180002"
                + "00010000000200020009000000090003000300000004C02024000000010000000100000001000000"
                + "020000000200000002000000030000000300000003800E1C0002011020010DB80000000000000000"
                + "00000001003020010DB80003",
            "0085020000006E4001010040020E020300000001000000020001117040050400000064C010100002"
                + "0001000000020003000300000004C020180000000100000001000000010000000300000003000000"
                + "03C063020102800E1C0002011020010DB8000000000000000000000001003020010DB80004"),
        messages("group attributes next-hop 2001:db8::1 large-community [ 3:3:3 1:1:1 ] "
            + "extended-community [ target:1:2 origin:3:4 ] ; "
            + "announce route 2001:db8:1::/48 ; "
            + "attributes as-path [ 1 2 70000 ] ; "
            + "announce route 2001:db8:2::/48 ; "
            + "announce route 2001:db8:3::/48 large-community 2:2:2 "
            + "extended-community target:9:9 ; "
            + "announce ipv6 unicast 2001:db8:4::/48 attribute [ 0x63 0xc0 0x0102 ]"));
  }

  /** Long lists, in no order, and routes with members of their own among these. */
  @Test
  void aRouteOfAGroupIsTheSameAlone() throws MalformedException {
    String many = IntStream.range(0, 3_000)
        .mapToObj(i -> i * 7919 % 3_000 + ":" + i % 3 + " ")
        .collect(Collectors.joining());
    String communities = " community [ " + many + "]";
    String large = " large-community [ 9:9:9 3:3:3 ]";
    String extended = " extended-community target:7:7";
    String group = "group attributes next-hop self" + communities + large + extended;
    String route = "announce route 10.0.0.0/16 next-hop self";
    sameAlone(
        group,
        " community [ 2000:9 0:0 2000:9 4000:1 ]",
        route + " community [ 2000:9 " + many + " 0:0 2000:9 4000:1 ]" + large + extended);
    sameAlone(
        group,
        " large-community [ 5:5:5 9:9:9 1:1:1 ]", // each counts once
        route + communities + extended + " large-community [ 9:9:9 3:3:3 5:5:5 1:1:1 ]");
    sameAlone(
        group,
        " extended-community [ origin:1:1 target:7:7 ]",
        route + communities + large + " extended-community [ origin:1:1 target:7:7 target:7:7 ]");
    sameAlone(group, " med 5", route + communities + large + extended + " med 5");
  }

  private static void sameAlone(String group, String own, String alone) throws MalformedException {
    String two = group + " ; announce route 10.1.0.0/16 ; announce route 10.0.0.0/16" + own;
    assertEquals(messages(alone).getFirst(), messages(two).getLast());
  }

  @Test
  void aShortCommandHasNoEndlessMessages() throws MalformedException {
    String common = "group attributes next-hop self community [ " + "1:2 ".repeat(16_000) + "]";
    int most = RouteWriter.MOST_OF_A_COMMAND / 64_000;
    assertEquals(200, messages(common + routes(200)).size());
    MalformedException thrown = assertThrows(
        MalformedException.class,
        () -> EncodeRequest.parse(common + routes(most + 1)).encode());
    assertTrue(
        thrown.getMessage().contains("16777216 octets: say it as several"), thrown.getMessage());
  }

  private static String routes(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> " ; announce route ::" + Integer.toHexString(i) + " med " + i)
        .collect(Collectors.joining());
  }
}
