package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.PodWiring;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That every turn of it is a whole ADD, or its code would not be ready for one. */
class CniRehearsalTest {
  @Test
  void everyTurnPlansForAPodOfItsOwn() throws Exception {
    Set<String> planned = CniRehearsal.play("n1");
    assertEquals(CniRehearsal.TIMES, planned.size(), planned::toString);
    assertTrue(planned.stream().allMatch(PodWiring::isHostName), planned::toString);
  }
}
