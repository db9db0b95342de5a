package dev.catwalk.felix.cli;

import dev.catwalk.felix.kernel.KernelException;
import dev.catwalk.felix.kernel.KernelService;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "clean",
    description = "Remove every kernel object of ours in this network namespace.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class Clean implements Callable<Integer> {
  @ParentCommand
  Catwalk catwalk;

  @Override
  public Integer call() {
    Path socket = catwalk.agentSocket();
    if (answers(socket)) {
      throw new CliException(
          CliException.REFUSED,
          "an agent runs (" + socket + ") and would make all of it again: stop it first");
    }
    try {
      KernelService.clean();
    } catch (KernelException e) {
      throw new CliException(CliException.MACHINE, String.valueOf(e.getMessage()));
    }
    catwalk.out.println("clean");
    return CliException.OK;
  }

  private static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
