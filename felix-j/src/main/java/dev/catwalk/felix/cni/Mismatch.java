package dev.catwalk.felix.cni;

import dev.catwalk.felix.cni.CniException.Code;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Something is not as ADD left it.
 *
 * @param code which kind of thing
 * @param what a clause: what is there, and what should be
 */
public record Mismatch(Code code, String what) {

  /** Nothing, or the answer to a CHECK that found these: the first gives the code. */
  public static void refuse(List<Mismatch> found) throws CniException {
    if (!found.isEmpty()) {
      throw new CniException(
          found.getFirst().code(),
          "the container's network is not as ADD left it: " + found.getFirst().what(),
          found.stream()
              .map(m -> m.code() + " (" + m.code().number() + "): " + m.what())
              .collect(Collectors.joining("; ")));
    }
  }
}
