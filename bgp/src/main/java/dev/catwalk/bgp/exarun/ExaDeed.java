package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.ProcessConfig;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the speaker asks its shell for, in the order given. */
public sealed interface ExaDeed {

  /** One connection of one neighbour. */
  record Target(int neighbor, ConnectionId connection) {}

  /** Open a connection. {@code local} null: from where the kernel likes. */
  record Dial(
      Target target,
      @Nullable IpAddress local,
      IpAddress remote,
      int port,
      NeighborConfig.Transport transport)
      implements ExaDeed {}

  /** The accepted connection of that number is this one. */
  record Adopt(long number, Target target, NeighborConfig.Transport transport) implements ExaDeed {}

  /** Nobody wants the accepted connection of that number: close it. */
  record Refuse(long number) implements ExaDeed {}

  /** Whole messages. The array is the shell's from now on. */
  @SuppressWarnings("ArrayRecordComponent") // a copy of every message would be wasted
  record Send(Target target, byte[] messages) implements ExaDeed {}

  /** From now on messages from there can have that length. */
  record Limit(Target target, int octets) implements ExaDeed {}

  /** Close after what was sent is flushed. */
  record Close(Target target) implements ExaDeed {}

  record Arm(int neighbor, Timer timer, long owner, long generation, long delayMs)
      implements ExaDeed {}

  record Disarm(int neighbor, Timer timer, long owner) implements ExaDeed {}

  /** There are routes to tell on it: {@link ExaSpeaker#pull} while it can be written to. */
  record Wake(Target target) implements ExaDeed {}

  /** Start that program. */
  record Launch(ProcessConfig process) implements ExaDeed {}

  /** End that program. */
  record Terminate(String process) implements ExaDeed {}

  /** Lines for a program's standard input. */
  record Tell(String process, List<String> lines) implements ExaDeed {}

  /** Read the configuration again and say {@link ExaSpeaker#reload}. */
  record Reread() implements ExaDeed {}

  /** End the program. */
  record Exit() implements ExaDeed {}

  /** A line for the log. */
  record Note(boolean warning, String text) implements ExaDeed {}
}
