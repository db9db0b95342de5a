package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs iptables and ipset in the network namespace of the calling thread. Only the programs named
 * here are ever run, by full path and without a shell.
 */
class Programs {
  /** A program, with the Debian package that has it. */
  enum Program {
    IPTABLES("iptables", "iptables"),
    IPTABLES_NFT_SAVE("iptables-nft-save", "iptables"),
    IPTABLES_NFT_RESTORE("iptables-nft-restore", "iptables"),
    IP6TABLES_NFT_SAVE("ip6tables-nft-save", "iptables"),
    IP6TABLES_NFT_RESTORE("ip6tables-nft-restore", "iptables"),
    IPTABLES_LEGACY_SAVE("iptables-legacy-save", "iptables"),
    IPTABLES_LEGACY_RESTORE("iptables-legacy-restore", "iptables"),
    IP6TABLES_LEGACY_SAVE("ip6tables-legacy-save", "iptables"),
    IP6TABLES_LEGACY_RESTORE("ip6tables-legacy-restore", "iptables"),
    IPSET("ipset", "ipset");

    final String file;
    final String debianPackage;

    Program(String file, String debianPackage) {
      this.file = file;
      this.debianPackage = debianPackage;
    }

    /** Where it is on this machine. */
    Optional<Path> path() {
      return FOLDERS.stream()
          .map(f -> Path.of(f, file))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }

  private static final List<String> FOLDERS =
      List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin");
  private static final long TIMEOUT_S = 30;
  private static final int MAX_COMPLAINT = 500;

  /**
   * Runs it to its end.
   *
   * @return what it wrote to its output
   * @throws KernelException where it is not there, complains or takes too long
   */
  String run(Program program, List<String> arguments, String input) throws KernelException {
    List<String> command = new ArrayList<>();
    command.add(program
        .path()
        .orElseThrow(() -> new KernelException(
            program.file + " is not on this machine: install the package " + program.debianPackage))
        .toString());
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command).start();
      try {
        return talk(process, program, input);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new KernelException(program.file + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KernelException(program.file + " was interrupted", e);
    }
  }

  private static String talk(Process process, Program program, String input)
      throws IOException, InterruptedException, KernelException {
    Thread watch = Thread.ofVirtual().start(() -> {
      try {
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        // It ended in time.
      }
    });
    // Its complaints are few until it has read all; its output begins after that.
    CompletableFuture<byte[]> complaints = new CompletableFuture<>();
    Thread reader = Thread.ofVirtual().start(() -> {
      try {
        complaints.complete(process.getErrorStream().readAllBytes());
      } catch (IOException e) {
        complaints.complete(new byte[0]);
      }
    });
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it had read all: its complaint says why.
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    reader.join();
    watch.interrupt();
    if (status != 0) {
      String text = new String(complaints.join(), StandardCharsets.UTF_8).strip();
      throw new KernelException(program.file + " ended with status " + status + ": "
          + text.substring(0, Math.min(text.length(), MAX_COMPLAINT)).replace('\n', ' '));
    }
    return output;
  }
}
