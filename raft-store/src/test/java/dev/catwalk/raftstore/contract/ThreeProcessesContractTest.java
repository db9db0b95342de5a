package dev.catwalk.raftstore.contract;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on three processes, each in a network namespace of its own. */
class ThreeProcessesContractTest extends StoreContract {
  private static ProcessRig rig;

  @BeforeAll
  static void startProcesses(@TempDir Path directory) throws Exception {
    rig = ProcessRig.start(directory, 3);
  }

  @AfterAll
  static void endProcesses() throws Exception {
    if (rig != null) {
      rig.end();
    }
  }

  @Override
  Rig open() {
    return rig.anew();
  }
}
