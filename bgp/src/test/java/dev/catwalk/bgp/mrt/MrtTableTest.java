package dev.catwalk.bgp.mrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule, octets, what is read. */
class MrtTableTest {
  private static final String INDEX = "0a000009 0003 6c6162 0002"
      + "02 0a000001 c0000201 0000fde9 03 0a000002 20010db8000000000000000000000001 000186a0";

  private static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] record(int type, int subtype, String body) {
    byte[] octets = octets(body);
    return octets("5f5e1000 %04x %04x %08x".formatted(type, subtype, octets.length) + body);
  }

  private static List<String> read(byte[] file) throws IOException, MrtException {
    List<String> lines = new ArrayList<>();
    MrtInput in = new MrtInput(new ByteArrayInputStream(file));
    MrtDecoder decoder = new MrtDecoder();
    for (MrtInput.Raw raw = in.next(); raw != null; raw = in.next()) {
      MrtText text = new MrtText(raw.header(), MrtDecoder.microseconds(raw.header(), raw.body()));
      decoder.decode(raw.header(), raw.body(), e -> lines.add(text.json(e).toString()));
    }
    return lines;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      RFC 6396 §4.3.4 next hop alone | 4 | 00000001 20 20010db8 0001 0001 5f5e1000 0021 800e1110 20010db8000000000000000000000007 40010102 4002060201000186a0 | "peer":"2001:db8::1","peerAs":100000,"family":"ipv6-unicast","prefix":"2001:db8::/32","origin":"INCOMPLETE","asPath":"100000","nextHop":"2001:db8::7"
      RFC 8050 §4 path identifier    | 8 | 00000001 180a0203 0001 0000 5f5e1000 00000007 0014 40010100 4002060201000186a0 400304c0000201 | "peer":"192.0.2.1","peerAs":65001,"family":"ipv4-unicast","prefix":"10.2.3.0/24","pathId":7,"origin":"IGP","asPath":"100000","nextHop":"192.0.2.1"
      RFC 6396 §4.3.3 generic        | 6 | 00000001 0001 01 180a0203 0001 0000 5f5e1000 0014 40010100 4002060201000186a0 400304c0000201 | "prefix":"10.2.3.0/24","origin":"IGP"
      """)
  void aRouteOfATable(String rule, int subtype, String body, String wanted)
      throws IOException, MrtException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(record(13, 1, INDEX));
    file.write(record(13, subtype, body));
    List<String> lines = read(file.toByteArray());
    assertEquals(2, lines.size());
    assertTrue(lines.getFirst().contains("\"view\":\"lab\",\"peers\":2"), lines.getFirst());
    assertTrue(lines.get(1).contains(wanted), lines.get(1));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      §4.4.1 state change         | 16 | 0  | fde9 fdea 0000 0001 c0000201 c0000202 0005 0006 | "kind":"state","peer":"192.0.2.1","peerAs":65001,"from":"OpenConfirm","to":"Established"
      §4.4.3 four-octet AS        | 16 | 4  | 000186a0 0000fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 0013 04 | "peerAs":100000,"message":"KEEPALIVE"
      §3 microseconds             | 17 | 4  | 0007a120 000186a0 0000fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 0013 04 | "time":1.6000000005E9
      RFC 4724 §2 End-of-RIB      | 16 | 1  | fde9 fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 0017 02 0000 0000 | "kind":"endOfRib"
      RFC 4724 §2 of IPv6         | 16 | 1  | fde9 fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 001d 02 0000 0006 800f03000201 | "kind":"endOfRib","peer":"192.0.2.1","peerAs":65001,"family":"ipv6-unicast"
      RFC 6793 §4.2.3 both paths  | 16 | 1  | fde9 fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 003e 02 0000 0023 40010100 4002080203 fde9 5ba0 fde8 400304c0000201 c0110a0202 000186a0 0000fde8 180a0203 | "asPath":"65001 100000 65000"
      RFC 8050 §3 path identifier | 16 | 9  | 000186a0 0000fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 001f 02 0008 00000005 180a0203 0000 | "kind":"withdraw","peer":"192.0.2.1","peerAs":100000,"family":"ipv4-unicast","prefix":"10.2.3.0/24","pathId":5
      RFC 4760 another family     | 16 | 1  | fde9 fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 0020 02 0000 0009 800f06001946010203 | "kind":"withdraw","peer":"192.0.2.1","peerAs":65001,"family":"afi 25 safi 70","nlri":"010203"
      appendix B.2 type BGP       | 5  | 1  | fde9 c0000201 fdea c0000202 0004 180a0203 0000 | "kind":"withdraw","peer":"192.0.2.1","peerAs":65001,"family":"ipv4-unicast","prefix":"10.2.3.0/24"
      another protocol            | 11 | 0  | 00 | "kind":"skipped","what":"record of type 11 subtype 0"
      """)
  void anEvent(String rule, int type, int subtype, String body, String wanted)
      throws IOException, MrtException {
    List<String> lines = read(record(type, subtype, body));
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().contains(wanted), lines.getFirst());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      a peer that the index lacks | 13 | 2 | 00000001 180a0203 0001 0000 5f5e1000 0000 | Peer Index 0 where the index holds 0 peers
      a prefix that is too long   | 13 | 2 | 00000001 210a020304ff 0000 | Prefix of 33 bits
      an attribute that runs over | 12 | 1 | 0000 0000 0a020300 18 01 5f5e1000 c0000201 fde9 0004 400105ff | attribute 1 needs 5 octets where 1 are left
      a path segment of type 9    | 12 | 1 | 0000 0000 0a020300 18 01 5f5e1000 c0000201 fde9 0007 4002040901fde9 | AS_PATH has a segment of type 9
      a message that runs over    | 16 | 1 | fde9 fdea 0000 0001 c0000201 c0000202 ffffffffffffffffffffffffffffffff 0017 02 0000 | BGP Message needs 4 octets where 2 are left
      a family without addresses  | 16 | 0 | fde9 fdea 0000 0007 | address family 7 has no addresses here
      """)
  void whatIsNoRecordIsRefused(String rule, int type, int subtype, String body, String why) {
    MrtException refused =
        assertThrows(MrtException.class, () -> read(record(type, subtype, body)));
    assertEquals(why, refused.getMessage());
  }

  @Test
  void aFileThatEndsTooSoonOrIsNoneSaysSo() throws IOException, MrtException {
    byte[] whole = record(13, 1, INDEX);
    assertEquals(List.of(), read(new byte[0]));
    for (int length : List.of(5, 20)) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThrows(EOFException.class, () -> read(cut));
    }
    MrtException none = assertThrows(
        MrtException.class,
        () -> read("no such thing as a record".getBytes(StandardCharsets.US_ASCII)));
    assertTrue(none.getMessage().contains("this is no MRT file"), none.getMessage());
  }

  @Test
  void compressedFilesAreReadAsTheyAre() throws IOException, MrtException {
    byte[] whole = record(16, 0, "fde9 fdea 0000 0001 c0000201 c0000202 0005 0006");
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(whole);
    }
    assertEquals(read(whole), read(zipped.toByteArray()));
  }

  @Test
  void bzip2GivesWhatWasPutIn() throws IOException {
    byte[] packed = Base64.getDecoder()
        .decode("QlpoMTFBWSZTWXk8xfcAAB3zgMAAQABAAQQAP///8AAAoABwYwAEwABMCqgiAHqaHqaeo2iSxhgULnkudS"
            + "xEsZHKHbnAi29lIYlSJUXJFjQqXMDMiSNSxMyPpoTPR4LkzU1KENjM2/i7kinChIPJ5i+4");
    String text = "aaaaaaaaaaaaaaaaaaaab".repeat(3)
        + "The quick brown fox jumps over the lazy dog. ".repeat(4) + "\0\u00ff";
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    assertArrayEquals(wanted, new Bzip2Input(new ByteArrayInputStream(packed)).readAllBytes());
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.write(packed);
    twice.write(packed);
    assertEquals(
        2 * wanted.length,
        new Bzip2Input(new ByteArrayInputStream(twice.toByteArray())).readAllBytes().length);
    int refused = 0;
    for (int at = 4; at < packed.length; at++) { // damaged, it is refused, or says the same
      byte[] damaged = packed.clone();
      damaged[at] ^= 0x10;
      try {
        assertArrayEquals(wanted, new Bzip2Input(new ByteArrayInputStream(damaged)).readAllBytes());
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > packed.length / 2, () -> "too much damage goes unseen");
  }
}
