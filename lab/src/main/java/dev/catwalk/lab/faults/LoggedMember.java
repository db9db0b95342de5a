package dev.catwalk.lab.faults;

import dev.catwalk.felix.log.Logs;
import dev.catwalk.raftstore.trial.MemberProcess;
import org.slf4j.event.Level;

/** A member that says on standard error what becomes of it: a round that failed keeps that. */
public final class LoggedMember {
  private LoggedMember() {}

  /** Arguments: those of {@link MemberProcess#main}. */
  public static void main(String[] args) {
    Logs.start(Level.INFO, Logs.Format.TEXT, System.err);
    MemberProcess.main(args);
  }
}
