package dev.catwalk.raftstore.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store in {@code catwalk status}.
 *
 * @param leader name of the member that leads, if one is known
 * @param members names of the voting members, sorted
 * @param revision commands applied here
 * @param stateHash hash over every command and outcome up to {@code revision}, 16 hex digits: equal
 *     on all members at one revision
 * @param origin 16 hex digits that no other store has, one that was emptied and filled again
 *     included; empty while this member's directory has held nothing of any store
 * @param quorum whether a majority answers, as far as this member has heard lately
 * @param transport how members talk: {@code TLS}, {@code plain text}, or {@code none} where there is
 *     one
 * @param problem what is wrong and what helps, if something is
 */
public record StoreStatus(
    Role role,
    @Nullable String leader,
    List<String> members,
    long revision,
    String stateHash,
    String origin,
    boolean quorum,
    String transport,
    @Nullable String problem) {

  /** What a member or client is to the others. */
  public enum Role {
    STARTING,
    FOLLOWER,
    CANDIDATE,
    LEADER,
    /** Does not vote: follows a member with a copy of its own. */
    CLIENT,
    STOPPED
  }

  public StoreStatus {
    members = List.copyOf(members);
  }
}
