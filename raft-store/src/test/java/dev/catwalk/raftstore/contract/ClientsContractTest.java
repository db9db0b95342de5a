package dev.catwalk.raftstore.contract;

import dev.catwalk.raftstore.atomix.Cluster;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on three real members and two clients of theirs. */
class ClientsContractTest extends StoreContract {
  @TempDir
  Path directory;

  @Override
  Rig open() throws Exception {
    return new MembersAndClients(new Cluster(directory, 3));
  }
}
