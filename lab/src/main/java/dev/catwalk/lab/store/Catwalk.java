package dev.catwalk.lab.store;

import dev.catwalk.lab.shell.LabException;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.KvWatch;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Three members of our store, each in a network namespace, with TLS and an agent's sizes. */
public final class Catwalk implements Contender, AutoCloseable {
  /** Of a member whose compilers do what they can. */
  static final List<String> JVM = List.of(
      "-XX:+UseSerialGC",
      "-Xms64m",
      "-Xmx256m",
      "-XX:-UsePerfData",
      "--sun-misc-unsafe-memory-access=allow");

  private static final int LOCAL_MS = 1000;

  private final Members members;
  private final List<Member> all;

  /** Starts three and waits until they have a leader. */
  public Catwalk(Path directory) throws IOException {
    members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        3,
        JVM,
        "usual");
    all = List.copyOf(members.all());
    members.startAll();
    members.awaitQuorum();
  }

  @Override
  public String name() {
    return "catwalk";
  }

  @Override
  public CompletableFuture<?> put(int member, String key, byte[] value) {
    return all.get(member)
        .store()
        .submit(KvMachine.NAME, KvTransaction.put(key, value).encode());
  }

  @Override
  public CompletableFuture<?> read(int member, String key) {
    return all.get(member).store().read(key);
  }

  /** In a member's process, where an agent reads its replica. */
  @Override
  public double localReads(String key) {
    return all.getFirst().store().readLocally(key, LOCAL_MS) * 1000.0 / LOCAL_MS;
  }

  @Override
  public void watch(int member, String key, Runnable changed) {
    Member at = all.get(member);
    var unused =
        KvWatch.open(at.store(), key, at.store().status().revision(), event -> changed.run());
  }

  @Override
  public int leader() throws LabException {
    return all.indexOf(members.leader());
  }

  @Override
  public void kill(int member) {
    all.get(member).kill();
  }

  @Override
  public void hang(int member, boolean hung) throws IOException {
    if (hung) {
      all.get(member).stop();
    } else {
      all.get(member).goOn();
    }
  }

  @Override
  public void start(int member) throws IOException {
    all.get(member).start();
  }

  @Override
  public void close() throws IOException {
    members.close();
  }
}
