package dev.catwalk.felix.netlink.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that Linux 6.18 dumped of what {@code ip} had written, and what they say. */
class InboundTest {

  /** Type and body of a message, and the record it becomes. */
  static final String DUMPED = """
      24 | 02180000fe4300060000000008000f00fe000000080001000a2a0700 | Route[destination=10.42.7.0/24, table=254, protocol=67, kind=BLACKHOLE, metric=0, nextHops=[]]
      24 | 02200000fe43fd010000000008000f00fe000000080001000a2a0702080004000b000000 | Route[destination=10.42.7.2/32, table=254, protocol=67, kind=UNICAST, metric=0, nextHops=[NextHop[gateway=Optional.empty, link=11, weight=1, onLink=false]]]
      24 | 02180000fe4300010000000008000f00fe000000080001000a2a090024000900100000000b00000008000500c0000201100000020c00000008000500c0000205 | Route[destination=10.42.9.0/24, table=254, protocol=67, kind=UNICAST, metric=0, nextHops=[NextHop[gateway=Optional[192.0.2.1], link=11, weight=1, onLink=false], NextHop[gateway=Optional[192.0.2.5], link=12, weight=3, onLink=false]]]
      25 | 02000000fc4300010000000008000f002c1a0000080006000500000008000500c0000201080004000b000000 | Route[destination=0.0.0.0/0, table=6700, protocol=67, kind=UNICAST, metric=5, nextHops=[NextHop[gateway=Optional[192.0.2.1], link=11, weight=1, onLink=false]]]
      24 | 02180000fe4300010400000008000f00fe000000080001000a2a0a00080005000a090909080004000c000000 | Route[destination=10.42.10.0/24, table=254, protocol=67, kind=UNICAST, metric=0, nextHops=[NextHop[gateway=Optional[10.9.9.9], link=12, weight=1, onLink=true]]]
      24 | 0a400000fe4300060000000008000f00fe00000014000100fd0000070000000000000000000000000800060000040000080004000100000024000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000 | Route[destination=fd00:7::/64, table=254, protocol=67, kind=BLACKHOLE, metric=1024, nextHops=[]]
      24 | 0a400000fe4300010000000008000f00fe00000014000100fd00000900000000000000000000000008000600000400003c0009001c0000000b0000001400050020010db80001000000000000000000011c0000000c0000001400050020010db800020000000000000000000124000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000 | Route[destination=fd00:9::/64, table=254, protocol=67, kind=UNICAST, metric=1024, nextHops=[NextHop[gateway=Optional[2001:db8:1::1], link=11, weight=1, onLink=false], NextHop[gateway=Optional[2001:db8:2::1], link=12, weight=1, onLink=false]]]
      20 | 021e80000b00000008000100c000020208000200c00002020700030075310000080008008000000014000600ffffffffffffffffe33e0700e33e0700 | Address[link=11, address=192.0.2.2, length=30]
      21 | 0a4082000b0000001400010020010db800010000000000000000000214000600ffffffffffffffffe43e0700e43e07000800080082000000 | Address[link=11, address=2001:db8:1::2, length=64]
      28 | 020000000b0000008000000108000100a9fe01010a000200020000000001000008000400000000001400030033000000330000003300000000000000 | Neighbour[link=11, address=169.254.1.1, mac=Optional[02:00:00:00:00:01], permanent=true, proxy=false]
      16 | 000001000b0000004310010000000000070003007531000008000400dc0500000a0001000200000000010000100012000900010076657468000000000a001400706f642031000000 | Link[index=11, name=u1, up=true, mtu=1500, mac=Optional[02:00:00:00:00:01], kind=veth, alias=pod 1]
      2575 | 00000001080001000000000108000200000066bc0c000300707974686f6e3300 | GenerationIs[generation=1]
      1543 | 02000000050001000700000006000200780000000c000300686173683a6970000500050002000000050004000600000006000b40000000003c00078008001240000004000800134000010000050015000c0000000800114057c6e605080019400000000008001a40000001000800184000000001 | SetIs[name=x, elements=1]
      """;

  @ParameterizedTest(name = "{2}")
  @CsvSource(delimiter = '|', textBlock = DUMPED)
  void isRead(int type, String body, String record) throws MalformedException {
    List<Inbound> messages = Inbound.decode(message(type, 0, HexFormat.of().parseHex(body)));
    assertEquals(1, messages.size());
    assertEquals(7, messages.getFirst().sequence());
    assertEquals(9, messages.getFirst().port());
    String payload = messages.getFirst().payload().toString();
    assertEquals(record, payload.replaceAll("^\\w+\\[\\w+=(.*?\\])(, replaced=false)?\\]$", "$1"));
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(delimiter = '|', textBlock = DUMPED)
  void brokenBytesAreMalformedOrReadNeverWorse(int type, String body, String record) {
    byte[] good = HexFormat.of().parseHex(body);
    int read = 0;
    for (int length = 0; length < good.length; length++) {
      byte[] cut = new byte[length];
      System.arraycopy(good, 0, cut, 0, length);
      read += isReadable(message(type, 0, cut)) ? 1 : 0;
    }
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      read += isReadable(message(type, 0, flipped)) ? 1 : 0;
    }
    assertTrue(read < good.length * 9, record + ": some must be refused");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      shorter than a header      | 10000000 1000 0000 00000000
      length below the header's  | 0f000000 1000 0000 00000000 00000000
      length beyond the datagram | 11000000 1000 0000 00000000 00000000
      length beyond an int       | ffffffff 1000 0000 00000000 00000000
      error without its request  | 14000000 0200 0000 00000000 00000000 ffffffff
      positive error             | 24000000 0200 0000 00000000 00000000 01000000 00000000000000000000000000000000
      overrun                    | 10000000 0400 0000 00000000 00000000
      """)
  void badHeadersAreMalformed(String what, String bytes) {
    byte[] datagram = HexFormat.of().parseHex(bytes.replace(" ", ""));
    assertThrows(MalformedException.class, () -> Inbound.decode(wrap(datagram)), what);
  }

  @Test
  void anErrorCarriesTheKernelsWords() throws MalformedException {
    byte[] words =
        "Nexthop has invalid gateway\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    ByteBuffer body = ByteBuffer.allocate(20 + 4 + words.length).order(ByteOrder.nativeOrder());
    body.putInt(-101)
        .putInt(16)
        .putShort((short) 24)
        .putShort((short) 0)
        .putInt(7)
        .putInt(9);
    body.putShort((short) (4 + words.length)).putShort((short) 1).put(words);
    Inbound message = Inbound.decode(message(2, 0x300, body.array())).getFirst();
    assertEquals(new Inbound.Refused(101, "Nexthop has invalid gateway"), message.payload());
  }

  @Test
  void aDatagramHoldsManyMessages() throws MalformedException {
    byte[] ack = message(2, 0x100, new byte[20]).array();
    byte[] done = message(3, 2, new byte[4]).array();
    ByteBuffer both = ByteBuffer.allocate(ack.length + done.length).order(ByteOrder.nativeOrder());
    both.put(ack).put(done).flip();
    List<Inbound> messages = Inbound.decode(both);
    assertEquals(new Inbound.Acknowledged(), messages.getFirst().payload());
    assertEquals(new Inbound.Done(), messages.getLast().payload());
  }

  @Test
  void whatABridgeSaysOfItsPortsIsNoLink() throws MalformedException {
    byte[] body = HexFormat.of().parseHex("070001000b0000004310010000000000");
    assertEquals(
        new Inbound.Unread(17), Inbound.decode(message(17, 0, body)).getFirst().payload());
  }

  private static boolean isReadable(ByteBuffer datagram) {
    try {
      return !Inbound.decode(datagram).isEmpty();
    } catch (MalformedException e) {
      return false;
    }
  }

  private static ByteBuffer message(int type, int flags, byte[] body) {
    ByteBuffer message = ByteBuffer.allocate(16 + body.length).order(ByteOrder.nativeOrder());
    message.putInt(16 + body.length).putShort((short) type).putShort((short) flags);
    return message.putInt(7).putInt(9).put(body).flip();
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }
}
