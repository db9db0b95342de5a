package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One vote for each term, on the disk before it is given. Atomix forgets its vote when it loses
 * sight of the leader and could vote twice in one term. Any thread.
 */
final class VoteGuard {
  private final Path file;
  private long term;
  private String candidate = "";

  VoteGuard(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      String[] words = Files.readString(file).split(" ", 2);
      if (words.length != 2) {
        throw new IOException(file + " is damaged: this member may have voted and does not know"
            + " for whom; remove its directory and let it join anew");
      }
      term = Long.parseLong(words[0]);
      candidate = words[1];
    }
  }

  /** The newest term that a vote was given in, or that this member was told to stay above. */
  synchronized long term() {
    return term;
  }

  /** Votes for this candidate in this term, durably; false if the vote is given already. */
  synchronized boolean vote(long newTerm, String newCandidate) throws IOException {
    if (newTerm == term) {
      return newCandidate.equals(candidate);
    }
    if (newTerm < term) {
      return false;
    }
    DataDir.writeDurably(file, (newTerm + " " + newCandidate).getBytes(StandardCharsets.UTF_8));
    term = newTerm;
    candidate = newCandidate;
    return true;
  }
}
