package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.raftstore.machine.Lease;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Shows the store's members, and writes its state to a file. Any thread. */
final class StoreVerb {
  private static final long BACKUP_WITHIN_S = 15;
  private static final long CHANGE_WITHIN_S = 20;
  private static final long LEASES_WITHIN_S = 15;

  private final Store store;
  private final AgentConfig config;

  StoreVerb(Store store, AgentConfig config) {
    this.store = store;
    this.config = config;
  }

  /** Who votes, where they are, and who leads as far as this member knows. */
  Answer members(Question q) {
    StoreStatus status = store.status();
    ArrayNode members = JsonNodeFactory.instance.arrayNode();
    store.roster().seats().forEach((name, seat) -> {
      ObjectNode member = members.addObject();
      member.put("name", name);
      member.put("address", seat.address());
      String role = name.equals(status.leader()) ? "leader" : "member";
      member.put("role", seat.votes() ? role : "learning");
      member.put("here", name.equals(config.node().name()));
    });
    return Render.as(
        q.format(),
        members,
        Render.table(members, "MEMBER=name", "ADDRESS=address", "ROLE=role", "HERE=here")
            + (store.choice().isEmpty() ? "" : "voters: " + store.choice() + "\n"));
  }

  /** All leases, as of now. */
  Answer leases(Question q) {
    ArrayNode leases = JsonNodeFactory.instance.arrayNode();
    try (KvReplica replica = new KvReplica(store)) {
      for (Lease held : replica.readLeases().get(LEASES_WITHIN_S, TimeUnit.SECONDS)) {
        ObjectNode lease = leases.addObject();
        lease.put("lease", held.id());
        lease.put("ttlMs", held.ttlMs());
        lease.put("remainingMs", held.remainingMs());
        ArrayNode keys = lease.putArray("keys");
        held.keys().forEach(keys::add);
      }
      return Render.as(
          q.format(),
          leases,
          Render.table(leases, "LEASE=lease", "TTL-MS=ttlMs", "LEFT-MS=remainingMs", "KEYS=keys"));
    } catch (ExecutionException e) {
      return Answer.refused(
          String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (TimeoutException e) {
      return Answer.refused("the store does not answer: see status");
    } catch (InterruptedException e) {
      return Answer.refused("the agent is stopping");
    }
  }

  /** Takes a member in, lets one go, or tells where one is now. */
  Answer change(Question q) {
    String name = q.argument("name");
    MemberChange change = switch (q.verb()) {
      case "store member add" ->
        new MemberChange.Join(name, q.argument("address"), q.argument("replaces"));
      case "store member remove" -> new MemberChange.Leave(name);
      default -> new MemberChange.Move(name, q.argument("address"));
    };
    try {
      Roster roster = store
          .change(change, !q.argument("evenWithoutMajority").isEmpty())
          .get(CHANGE_WITHIN_S, TimeUnit.SECONDS);
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("number", roster.number());
      ArrayNode voters = json.putArray("voters");
      roster.voters().forEach(voters::add);
      Seat seat = roster.seats().get(name);
      String now = seat == null
          ? name + " has left: stop its agent"
          : seat.votes()
              ? name + " votes, at " + seat.address()
              : name + " may learn now: start its agent with an empty store and all members in"
                  + " store.members; it votes when it knows what the others know";
      return Render.as(q.format(), json, now + "\n");
    } catch (ExecutionException e) {
      return Answer.refused(
          String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (TimeoutException e) {
      return Answer.refused("the store does not answer: see store members whether it was done");
    } catch (InterruptedException e) {
      return Answer.refused("the agent is stopping");
    }
  }

  /** Writes all that was acknowledged to the file {@code file}, which must not be there. */
  Answer backup(Question q) {
    Path file = Path.of(q.argument("file"));
    if (!file.isAbsolute()) {
      return new Answer(Answer.USAGE, "", "catwalk: want the file's full path");
    }
    if (Files.exists(file)) {
      return Answer.refused(file + " is there already: choose another name");
    }
    try {
      byte[] bytes = store.backup().get(BACKUP_WITHIN_S, TimeUnit.SECONDS);
      write(file, bytes);
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("file", file.toString());
      json.put("bytes", bytes.length);
      json.put("revision", store.status().revision());
      return Render.as(q.format(), json, "wrote " + file + ", " + bytes.length + " bytes\n");
    } catch (ExecutionException e) {
      return Answer.refused(
          String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (TimeoutException e) {
      return Answer.refused("the store does not answer: see status");
    } catch (InterruptedException e) {
      return Answer.refused("the agent is stopping");
    } catch (IOException e) {
      return Answer.refused(file + " cannot be written: " + e);
    }
  }

  /** Under its name only when it is whole and on the disk; it holds secrets of applied manifests. */
  private static void write(Path file, byte[] bytes) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    try (FileChannel channel = FileChannel.open(
        part,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel parent =
        FileChannel.open(Objects.requireNonNull(file.getParent()), StandardOpenOption.READ)) {
      parent.force(true);
    }
  }
}
