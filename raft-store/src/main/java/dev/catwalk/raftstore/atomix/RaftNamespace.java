package dev.catwalk.raftstore.atomix;

import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftError;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.cluster.RaftMember;
import io.atomix.protocols.raft.cluster.impl.DefaultRaftMember;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.ConfigureRequest;
import io.atomix.protocols.raft.protocol.ConfigureResponse;
import io.atomix.protocols.raft.protocol.JoinRequest;
import io.atomix.protocols.raft.protocol.JoinResponse;
import io.atomix.protocols.raft.protocol.PollRequest;
import io.atomix.protocols.raft.protocol.PollResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import io.atomix.protocols.raft.protocol.VoteRequest;
import io.atomix.protocols.raft.protocol.VoteResponse;
import io.atomix.protocols.raft.storage.log.entry.ConfigurationEntry;
import io.atomix.protocols.raft.storage.log.entry.InitializeEntry;
import io.atomix.protocols.raft.storage.log.entry.OpenSessionEntry;
import io.atomix.protocols.raft.storage.system.Configuration;
import io.atomix.utils.serializer.Namespace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;

/**
 * The classes that Kryo may read and write, in the log and between members, and no others. The order
 * is the format: a new class goes to the end.
 */
final class RaftNamespace {
  static final Namespace RAFT = Namespace.builder()
      .nextId(100)
      .register(byte[].class)
      .register(ArrayList.class)
      .register(HashSet.class)
      .register(Collections.emptyList().getClass())
      .register(Instant.class)
      .register(MemberId.class)
      .register(RaftMember.Type.class)
      .register(DefaultRaftMember.class)
      .register(Configuration.class)
      .register(ReadConsistency.class)
      .register(InitializeEntry.class)
      .register(ConfigurationEntry.class)
      .register(OpenSessionEntry.class)
      .register(RaftResponse.Status.class)
      .register(RaftError.class)
      .register(RaftError.Type.class)
      .register(AppendRequest.class)
      .register(AppendResponse.class)
      .register(PollRequest.class)
      .register(PollResponse.class)
      .register(VoteRequest.class)
      .register(VoteResponse.class)
      .register(JoinRequest.class)
      .register(JoinResponse.class)
      .register(ConfigureRequest.class)
      .register(ConfigureResponse.class)
      .build("Catwalk");

  private RaftNamespace() {}
}
