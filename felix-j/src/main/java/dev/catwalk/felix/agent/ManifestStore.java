package dev.catwalk.felix.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvOutcome;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Manifests into the store, all of a question in one entry of its log, and back. Any thread. */
final class ManifestStore {
  private static final long ANSWERED_WITHIN_S = 15;

  /** Somebody else may change the same manifests meanwhile: then the difference is made again. */
  private static final int ATTEMPTS = 5;

  private static final long AGAIN_MS = 50;

  private final AgentLoop loop;
  private final Store store;

  ManifestStore(AgentLoop loop, Store store) {
    this.loop = loop;
    this.store = store;
  }

  /** One manifest of a question and what becomes of it. */
  private record Deed(String result, String key, Optional<Manifest> manifest) {}

  Answer apply(Question q) {
    List<ManifestObject> objects = new ArrayList<>();
    Optional<Answer> wrong = read(q.files(), objects);
    if (wrong.isPresent()) {
      return wrong.get();
    }
    if (objects.isEmpty()) {
      return new Answer(Answer.NO, "", "catwalk: there is no manifest in what was given");
    }
    return change(q, cluster -> {
      TreeMap<String, Deed> deeds = new TreeMap<>();
      for (ManifestObject object : objects) {
        String key = Keys.manifest(object.kind(), object.namespace(), object.name());
        Manifest known = cluster.manifests().get(key);
        long generation = known == null ? 1 : known.generation() + 1;
        Manifest wanted = new Manifest(
            object.kind(), object.namespace(), object.name(), generation, object.json());
        boolean same = known != null && known.text().equals(object.json());
        deeds.put(
            key,
            same
                ? new Deed("unchanged", key, Optional.empty())
                : new Deed(known == null ? "created" : "changed", key, Optional.of(wanted)));
      }
      return List.copyOf(deeds.values());
    });
  }

  Answer delete(Question q) {
    List<ManifestObject> objects = new ArrayList<>();
    Optional<Answer> wrong = read(q.files(), objects);
    if (wrong.isPresent()) {
      return wrong.get();
    }
    ClusterState now = loop.view().cluster();
    List<String> keys = new ArrayList<>();
    objects.forEach(o -> keys.add(Keys.manifest(o.kind(), o.namespace(), o.name())));
    if (q.files().isEmpty()) {
      String namespace = q.arguments().getOrDefault("namespace", "default");
      for (Manifest m : now.manifests().values()) {
        if (m.kind().equalsIgnoreCase(q.argument("kind"))
            && m.name().equals(q.argument("name"))
            && (m.namespace().isEmpty() || m.namespace().equals(namespace))) {
          keys.add(m.key());
        }
      }
    }
    if (keys.isEmpty() || keys.stream().noneMatch(k -> now.manifests().containsKey(k))) {
      return new Answer(Answer.NO, "", "catwalk: the cluster holds no such manifest");
    }
    return change(
        q,
        cluster -> keys.stream()
            .filter(key -> cluster.manifests().containsKey(key))
            .map(key -> new Deed("deleted", key, Optional.empty()))
            .toList());
  }

  Answer get(Question q) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Manifest m : loop.view().cluster().manifests().values()) {
      if (wanted(q, "kind", m.kind().toLowerCase(Locale.ROOT))
          && wanted(q, "name", m.name())
          && wanted(q, "namespace", m.namespace())) {
        ObjectNode one = json.addObject();
        one.put("kind", m.kind()).put("namespace", m.namespace()).put("name", m.name());
        one.put("generation", m.generation());
        try {
          one.set("manifest", Answer.JSON.readTree(m.text()));
        } catch (JsonProcessingException e) {
          one.put("manifest", m.text());
        }
      }
    }
    if (json.isEmpty() && !q.argument("name").isEmpty()) {
      return new Answer(Answer.NO, "", "catwalk: the cluster holds no such manifest");
    }
    return Render.as(
        q.format(),
        json,
        Render.table(
            json, "KIND=kind", "NAMESPACE=namespace", "NAME=name", "GENERATION=generation"));
  }

  private static boolean wanted(Question q, String argument, String value) {
    String asked = q.argument(argument);
    return asked.isEmpty()
        || asked.equals(value)
        || asked.equalsIgnoreCase(value) && argument.equals("kind");
  }

  private static Optional<Answer> read(Map<String, String> files, List<ManifestObject> objects) {
    List<String> problems = new ArrayList<>();
    files.forEach((file, text) -> {
      Parsed parsed = Manifests.parse(file, text);
      objects.addAll(parsed.objects());
      parsed.problems().forEach(p -> problems.add(p.toString()));
    });
    return problems.isEmpty()
        ? Optional.empty()
        : Optional.of(new Answer(Answer.NO, "", String.join("\n", problems)));
  }

  private interface Difference {
    List<Deed> of(ClusterState cluster);
  }

  /** Commits the difference to a state that nobody has changed meanwhile. */
  private Answer change(Question q, Difference difference) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      ClusterState cluster = loop.view().cluster();
      List<Deed> deeds = difference.of(cluster);
      List<KvTransaction.Op> ops = new ArrayList<>();
      List<KvTransaction.Compare> compares = new ArrayList<>();
      for (Deed deed : deeds) {
        compares.add(new KvTransaction.Compare(deed.key(), cluster.modRevision(deed.key())));
        deed.manifest().ifPresent(m -> ops.add(new KvTransaction.Put(m.key(), m.encode())));
        if (deed.result().equals("deleted")) {
          ops.add(new KvTransaction.Delete(deed.key()));
        }
      }
      if (ops.isEmpty()) {
        return done(q, deeds, cluster.revision());
      }
      try {
        Applied applied = store
            .submit(KvMachine.NAME, new KvTransaction(compares, ops, List.of()).encode())
            .get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
        switch (KvOutcome.decode(applied.outcome())) {
          case KvOutcome.Refused refused -> {
            return Answer.refused(refused.reason());
          }
          case KvOutcome.Done done -> {
            if (done.succeeded()) {
              return done(q, deeds, applied.revision());
            }
          }
        }
        TimeUnit.MILLISECONDS.sleep(AGAIN_MS); // until this member knows what the other changed
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        return Answer.refused(String.valueOf((cause == null ? e : cause).getMessage()));
      } catch (TimeoutException e) {
        return Answer.refused("the store does not answer: bring back a majority of its members");
      } catch (InterruptedException e) {
        return Answer.refused("the agent is stopping");
      }
    }
    return Answer.refused("somebody else changes the same manifests: try again");
  }

  private static Answer done(Question q, List<Deed> deeds, long revision) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("revision", revision);
    ArrayNode list = json.putArray("manifests");
    for (Deed deed : deeds) {
      String[] parts = deed.key().split("/", -1); // manifests/KIND/NAMESPACE/NAME
      list.addObject()
          .put("kind", parts[1])
          .put("namespace", parts[2])
          .put("name", parts[3])
          .put("result", deed.result());
    }
    String table = deeds.stream()
        .map(d -> d.result() + " " + d.key().substring(Keys.MANIFESTS.length()) + "\n")
        .collect(Collectors.joining());
    return Render.as(q.format(), json, table + "revision " + revision + "\n");
  }
}
