package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.lab.check.Probe.Protocol;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MatrixTest {
  private static final List<Place> PLACES = List.of(
      new Place("shop/web-1", IpAddress.parse("10.42.0.1"), 8080),
      new Place("shop/db", IpAddress.parse("10.42.1.1"), 8080),
      new Place("client", IpAddress.parse("198.18.0.1"), 0));

  private static Matrix matrix(String... answers) {
    List<Probe> probes = Matrix.everyPair(PLACES);
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      cells.add(new Cell(probes.get(i), true, answers[i]));
    }
    return new Matrix(cells);
  }

  @Test
  void everyPairIsEverySourceToEveryServer() {
    List<Probe> probes = Matrix.everyPair(PLACES);
    assertEquals(8, probes.size());
    assertEquals("ping 10.42.1.1", probes.getFirst().line());
    assertEquals("tcp 10.42.1.1 8080", probes.getLast().line());
    assertEquals(4, probes.stream().filter(p -> p.protocol() == Protocol.TCP).count());
  }

  @Test
  void aTableMarksWhatIsUnexpectedAndWhatChanged() {
    String ok = "ok 120 10.42.0.1";
    Matrix before = matrix(ok, ok, ok, ok, ok, ok, ok, ok);
    Matrix after = matrix(ok, ok, ok, ok, ok, ok, ok, "timeout");
    assertEquals("""
        ping ->     web-1  db
        shop/web-1         +
        shop/db     +
        client      +      +
        tcp 8080 ->  web-1  db
        shop/web-1          +
        shop/db      +
        client       +      .!*
        """, after.text(Optional.of(before)));
    assertEquals(1, after.wrong().size());
    assertEquals(
        "tcp client -> shop/db (10.42.1.1:8080): timeout, expected to pass",
        after.wrong().getFirst().toString());
  }

  @Test
  void everyPortHasATableOfItsOwn() {
    List<Place> places = List.of(
        new Place("a/one", IpAddress.parse("10.42.0.1"), 80, List.of(6379)),
        new Place("a/two", IpAddress.parse("10.42.0.2"), 80));
    List<Cell> cells = Matrix.everyPair(places).stream()
        .map(p -> new Cell(p, p.port() != 6379, p.port() == 6379 ? "timeout" : "ok 1 "))
        .toList();
    assertEquals("""
        ping ->  one  two
        a/one         +
        a/two    +
        tcp 80 ->  one  two
        a/one           +
        a/two      +
        tcp 6379 ->  one
        a/two        .
        """, new Matrix(cells).text(Optional.empty()));
  }

  @Test
  void eachFamilyHasTablesOfItsOwnAndNoPairOfBoth() {
    List<Place> places = List.of(
        new Place("a/one", IpAddress.parse("10.42.0.1"), 80),
        new Place("a/two", IpAddress.parse("10.42.0.2"), 80),
        new Place("a/one", IpAddress.parse("2001:db8::1"), 80),
        new Place("a/two", IpAddress.parse("2001:db8::2"), 80));
    List<Cell> cells = Matrix.everyPair(places).stream()
        .map(p -> new Cell(p, true, p.address().isV4() ? "ok 1 " : "timeout"))
        .toList();
    assertEquals("""
        ping ->  one  two
        a/one         +
        a/two    +
        tcp 80 ->  one  two
        a/one           +
        a/two      +
        ping IPv6 ->  one  two
        a/one              .!
        a/two         .!
        tcp 80 IPv6 ->  one  two
        a/one                .!
        a/two           .!
        """, new Matrix(cells).text(Optional.empty()));
  }

  @Test
  void aTcpAnswerNamesTheCaller() {
    assertEquals(
        "10.42.0.1",
        matrix("ok 1 ", "", "", "", "ok 120 10.42.0.1", "", "", "")
            .cells()
            .get(4)
            .caller());
  }
}
