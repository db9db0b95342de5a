package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Replaces this process by a fresh one of the same command line: execve(2). Process id, standard
 * streams, namespaces and environment stay, so that supervisors and terminals see one process.
 */
public final class SelfExec {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final Path PROGRAM = Path.of("/proc/self/exe");
  private static final int FIRST_FD = 3;
  private static final int LAST_FD = -1;
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  private SelfExec() {}

  /**
   * Does not return but by its exception. Nothing that still runs here gets a chance to end.
   *
   * @throws KernelException with the reason why the process is the old one still
   */
  public static void now() throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      List<String> words = commandLine();
      Path program = Path.of(words.getFirst());
      if (!program.isAbsolute() || !Files.isExecutable(program)) {
        program = Files.readSymbolicLink(PROGRAM);
      }
      MemorySegment addresses = arena.allocate(ValueLayout.ADDRESS, words.size() + 1L);
      for (int i = 0; i < words.size(); i++) {
        MemorySegment word = arena.allocateFrom(words.get(i), StandardCharsets.ISO_8859_1);
        addresses.setAtIndex(ValueLayout.ADDRESS, i, word);
      }
      addresses.setAtIndex(ValueLayout.ADDRESS, words.size(), MemorySegment.NULL);
      // What nobody has closed must not hold ports and locks in the fresh process.
      LibC.Loaded.C.close_range(FIRST_FD, LAST_FD, CLOSE_RANGE_CLOEXEC);
      LibC.Loaded.C.execv(program.toString(), addresses.address());
      throw new KernelException(
          program + " cannot be started in place: " + Errno.text(LibC.Loaded.errno()));
    } catch (IOException e) {
      throw new KernelException("cannot read this process's own command line: " + e, e);
    }
  }

  /** Byte for byte, whatever their encoding. */
  private static List<String> commandLine() throws IOException {
    String all = Files.readString(COMMAND_LINE, StandardCharsets.ISO_8859_1);
    return List.of(all.substring(0, all.lastIndexOf('\0')).split("\0", -1));
  }
}
