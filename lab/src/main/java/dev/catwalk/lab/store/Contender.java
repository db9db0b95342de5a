package dev.catwalk.lab.store;

import dev.catwalk.lab.shell.LabException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Three members of a store that is measured, and a way to each. */
public interface Contender {
  String name();

  /** Writes through one of the members; done when it is on the disks of a majority. */
  CompletableFuture<?> put(int member, String key, byte[] value);

  /** Reads what no acknowledged write is newer than, through one of the members. */
  CompletableFuture<?> read(int member, String key);

  /** Reads one key as members have it, without asking others; a second's count. */
  double localReads(String key) throws LabException;

  /** Calls back for every change of a key. */
  void watch(int member, String key, Runnable changed) throws IOException;

  /** The member that leads. */
  int leader() throws LabException;

  void kill(int member) throws IOException;

  /** Hangs a member, or lets it go on. */
  void hang(int member, boolean hung) throws IOException;

  void start(int member) throws IOException;
}
