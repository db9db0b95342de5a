package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MalformedException;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a member's directory from a backup of a store, before it begins. */
public final class Backup {
  private Backup() {}

  /**
   * Puts a backup where a member of a new store will find it. All founders of that store begin with
   * the same one.
   *
   * @param backup what {@link dev.catwalk.raftstore.store.Store#backup} gave
   * @param dataDir of the store; there must be nothing of a store in it
   * @return the log entry that the state is of
   * @throws IOException naming what is wrong, and then nothing was changed
   */
  public static long restore(byte[] backup, Path dataDir) throws IOException {
    if (Files.exists(dataDir.resolve("identity"))
        || Files.exists(dataDir.resolve("log"))
            && new SnapshotFiles(dataDir.resolve("log")).any()) {
      throw new IOException(dataDir + " holds a store: stop its agent and remove it, or keep it");
    }
    byte[] fresh;
    try {
      fresh = ReplicatedCore.asNewStore(backup);
    } catch (MalformedException e) {
      throw new IOException("this is no backup: " + e.getMessage(), e);
    }
    long index = ReplicatedCore.verify(fresh);
    Files.createDirectories(dataDir.resolve("log"));
    new SnapshotFiles(dataDir.resolve("log")).write(index, fresh);
    return index;
  }
}
