package dev.catwalk.raftstore.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checker on histories whose verdict is known. */
class LinearizabilityTest {

  /** w3@1-5: wrote 3, called at 1, answered at 5 (?: never); r3: read 3; s3>4, f3!4: swap. */
  private static Operation parse(String word) {
    String[] parts = word.substring(1).split("@");
    String[] times = parts[1].split("-");
    String[] values = parts[0].split("[>!]");
    int first = Integer.parseInt(values[0]);
    Operation.Deed deed = switch (word.charAt(0)) {
      case 'w' -> new Operation.Write(first);
      case 'r' -> new Operation.Read(first);
      case 's' -> new Operation.Swapped(first, Integer.parseInt(values[1]));
      default -> new Operation.NotSwapped(first, Integer.parseInt(values[1]));
    };
    long end = times[1].equals("?") ? Operation.UNKNOWN : Long.parseLong(times[1]);
    return new Operation(Long.parseLong(times[0]), end, deed);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      r0@1-2                                              | true
      r1@1-2                                              | false
      w1@1-2 r1@3-4                                       | true
      w1@1-2 r0@3-4                                       | false
      w1@1-5 r0@2-3                                       | true
      w1@1-5 r1@2-3 r0@4-6                                | false
      w1@1-9 r1@2-3 r1@4-5                                | true
      w1@1-2 w2@3-4 r1@5-6                                | false
      w1@1-6 w2@2-5 r1@7-8                                | true
      w1@1-6 w2@2-5 r2@7-8                                | true
      w1@1-6 w2@2-5 r1@7-8 r2@9-10                        | false
      w1@1-? r0@2-3 r1@50-51                              | true
      w1@1-? r1@2-3 r0@4-5                                | false
      w1@1-? w2@3-4 r1@5-6 r2@7-8                         | false
      w1@1-? w2@3-4 r2@5-6 r1@7-8                         | true
      w1@1-2 s1>2@3-4 r2@5-6                              | true
      w1@1-2 s1>2@3-4 s1>3@5-6                            | false
      w1@1-2 s1>2@3-9 s1>3@4-8                            | false
      w1@1-2 s1>2@3-9 f1!2@4-8                            | true
      w1@1-2 f1!1@3-4                                     | false
      w1@1-2 s1>2@3-? f1!2@4-5 r2@6-7                     | true
      w1@1-2 s1>2@3-? r1@8-9 r2@10-11                     | true
      w1@1-2 s1>2@3-? r2@8-9 r1@10-11                     | false
      w1@1-3 w2@1-3 r1@4-6 r2@4-6                         | false
      w1@1-3 w2@1-5 r1@4-6 r2@4-6                         | true
      """)
  void verdicts(String history, boolean expected) {
    List<Operation> operations = new ArrayList<>();
    for (String word : history.split(" ")) {
      operations.add(parse(word));
    }
    assertEquals(expected, Linearizability.holds(operations));
    assertEquals(expected, Linearizability.holds(operations.reversed()), "in any order");
  }
}
