package dev.catwalk.raftstore.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.trial.Members;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Members that are processes in network namespaces; they outlive a test and begin anew for each. */
final class ProcessRig implements StoreContract.Rig {
  private static final List<String> JVM = List.of(
      "-Xmx128m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-XX:-UsePerfData",
      "-ea",
      "-Dorg.slf4j.simpleLogger.showDateTime=true");

  private final Members members;

  private ProcessRig(Members members) {
    this.members = members;
  }

  /** Starts so many; not a test's matter where namespaces cannot be made. */
  static ProcessRig start(Path directory, int count) throws IOException {
    assumeTrue(
        Files.isWritable(Path.of("/run")) && "root".equals(System.getProperty("user.name")),
        "needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs nft");
    Members members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        count,
        JVM,
        "usual");
    members.startAll();
    members.awaitQuorum();
    return new ProcessRig(members);
  }

  /** The same members, who know nothing any more. */
  ProcessRig anew() {
    members.reset();
    return this;
  }

  @Override
  public List<Store> stores() {
    return members.all().stream().map(member -> (Store) member.store()).toList();
  }

  @Override
  public void await(BooleanSupplier condition) {
    Members.await(60, "what the contract says", condition);
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  /** kill -9 of all. */
  @Override
  public void restartAll() throws IOException {
    members.all().forEach(Members.Member::kill);
    members.startAll();
    members.awaitQuorum();
  }

  @Override
  public int changesHeld() {
    return ReplicatedCore.RING_CHANGES;
  }

  /** Nothing: the next test goes on with these members. */
  @Override
  public void close() {}

  void end() throws IOException {
    members.close();
  }
}
