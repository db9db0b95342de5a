package dev.catwalk.raftstore.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on five processes, each in a network namespace of its own. */
class FiveProcessesContractTest extends StoreContract {
  private static ProcessRig rig;

  @BeforeAll
  static void startProcesses(@TempDir Path directory) throws Exception {
    assumeTrue(Boolean.getBoolean("catwalk.long"), "by -Dcatwalk.long=true");
    rig = ProcessRig.start(directory, 5);
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
