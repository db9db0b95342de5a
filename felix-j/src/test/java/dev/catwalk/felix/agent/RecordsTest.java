package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsTest {
  @TempDir
  private Path dir;

  @Test
  void whatWasPutIsThereAfterReopening() throws IOException {
    Records records = Records.open(dir.resolve("e"));
    records.put("b", bytes("2"));
    records.put("a", bytes("1"));
    records.put("a", bytes("3"));
    records.remove("b");
    records.remove("never there");
    Records again = Records.open(dir.resolve("e"));
    assertEquals("[a]", again.all().keySet().toString());
    assertEquals("3", new String(again.all().get("a"), StandardCharsets.UTF_8));
  }

  @Test
  void whatWasNotFinishedNeverWas() throws IOException {
    Files.writeString(dir.resolve("a~new"), "half");
    assertTrue(Records.open(dir).all().isEmpty());
    assertTrue(Files.notExists(dir.resolve("a~new")));
  }

  @Test
  void aTornRecordOfAnEarlierBootIsOfNoPod() throws IOException {
    Records records = Records.open(dir.resolve("e"));
    records.note("torn@eth0", new byte[0]);
    assertTrue(Agent.kept(records, false).isEmpty());
    assertEquals("[torn@eth0]", records.all().keySet().toString(), "damage is somebody's to see");
    assertTrue(Agent.kept(records, true).isEmpty());
    assertTrue(records.all().isEmpty());
  }

  @Test
  void oneAgentADataDirectory() throws Exception {
    Places places = new Places(dir);
    try (DataLock _ = DataLock.take(places)) {
      StartException e = assertThrows(StartException.class, () -> DataLock.take(places));
      assertEquals(StartException.Kind.TAKEN, e.kind());
      assertTrue(e.getMessage().contains(places.data().toString()), e.getMessage());
    }
    DataLock.take(places).close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
