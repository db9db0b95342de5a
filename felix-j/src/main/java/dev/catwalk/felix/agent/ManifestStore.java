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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Manifests into the store and back, in the order in which they were given. What fits into one entry
 * of its log goes in together, all or none; what is longer goes in part by part. Any thread.
 */
final class ManifestStore {
  private static final long ANSWERED_WITHIN_S = 15;

  /** Somebody else may change the same manifests meanwhile: then the difference is made again. */
  private static final int ATTEMPTS = 5;

  private static final long AGAIN_MS = 50;
  private static final long LOOK_AGAIN_MS = 5;

  private static final String NO_ANSWER =
      "the store does not answer: bring back a majority of its members";

  /** What the store holds of one manifest, its name and all, bytes. */
  static final int MAX_MANIFEST = 48 * 1024;

  /** What goes into one entry, well below {@link Store#MAX_COMMAND}, bytes. */
  private static final int MAX_PART = 52 * 1024;

  /** What an entry holds of a manifest beside its text: key, name, revision; bytes. */
  private static final int OVERHEAD = 1200;

  /** The same, by number. */
  private static final int MAX_PART_MANIFESTS = 256;

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
    for (ManifestObject object : objects) {
      int length = manifest(object, Long.MAX_VALUE).encode().length;
      if (length > MAX_MANIFEST) {
        return new Answer(
            Answer.NO,
            "",
            "catwalk: " + object.kind() + " " + object.namespace() + "/" + object.name() + " has "
                + length + " bytes, and the cluster holds at most " + MAX_MANIFEST
                + " of one manifest: split it into several. Nothing is applied");
      }
    }
    return change(q, cluster -> {
      LinkedHashMap<String, Deed> deeds = new LinkedHashMap<>();
      for (ManifestObject object : objects) {
        String key = Keys.manifest(object.kind(), object.namespace(), object.name());
        Manifest known = cluster.manifests().get(key);
        long generation = known == null ? 1 : known.generation() + 1;
        Manifest wanted = manifest(object, generation);
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

  private static Manifest manifest(ManifestObject object, long generation) {
    return new Manifest(
        object.kind(), object.namespace(), object.name(), generation, object.json());
  }

  Answer delete(Question q) {
    List<ManifestObject> objects = new ArrayList<>();
    Optional<Answer> wrong = read(q.files(), objects);
    if (wrong.isPresent()) {
      return wrong.get();
    }
    try {
      Optional<String> unknown = catchUp();
      if (unknown.isPresent()) {
        return broken(new Progress(), unknown.get());
      }
    } catch (InterruptedException e) {
      return broken(new Progress(), "the agent is stopping");
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

  /** What has been committed so far: results by key, and the last revision that matters. */
  private static final class Progress {
    final LinkedHashMap<String, String> results = new LinkedHashMap<>();
    long revision;
  }

  private Answer change(Question q, Difference difference) {
    if (!q.argument("wait").matches("[0-9]{0,4}")) {
      return new Answer(Answer.USAGE, "", "catwalk: --timeout wants seconds, up to 9999");
    }
    Progress progress = new Progress();
    int attempts = 0;
    boolean known = false;
    try {
      while (true) {
        ClusterState cluster = loop.view().cluster();
        List<Deed> part = part(difference.of(cluster), progress);
        if (part.isEmpty()) {
          return done(q, progress);
        }
        if (!known && part.stream().allMatch(d -> d.result().equals("unchanged"))) {
          Optional<String> unknown = catchUp(); // else only this member would have been asked
          if (unknown.isPresent()) {
            return broken(progress, unknown.get());
          }
          known = true;
          continue;
        }
        Optional<String> refused = commit(cluster, part, progress);
        if (refused.isPresent()) {
          return broken(progress, refused.get());
        }
        if (progress.results.containsKey(part.getFirst().key())) {
          attempts = 0;
        } else if (++attempts == ATTEMPTS) {
          return broken(progress, "somebody else changes the same manifests: try again");
        } else {
          TimeUnit.MILLISECONDS.sleep(AGAIN_MS); // until this member knows what the other changed
        }
      }
    } catch (InterruptedException e) {
      return broken(progress, "the agent is stopping");
    }
  }

  /**
   * Returns when this member knows what the cluster had acknowledged before the call; else why that
   * cannot be known.
   */
  private Optional<String> catchUp() throws InterruptedException {
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWERED_WITHIN_S);
      long revision = store.barrier().get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
      while (loop.view().cluster().revision() < revision) {
        if (System.nanoTime() - end >= 0) {
          return Optional.of("this member of the store is behind the others: try again");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
      }
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(why(e));
    } catch (TimeoutException e) {
      return Optional.of(NO_ANSWER);
    }
  }

  private static String why(ExecutionException e) {
    Throwable cause = e.getCause();
    return String.valueOf((cause == null ? e : cause).getMessage());
  }

  /** The next ones that are not done yet, as many as fit together. */
  private static List<Deed> part(List<Deed> all, Progress progress) {
    List<Deed> part = new ArrayList<>();
    int bytes = 0;
    for (Deed deed : all) {
      if (!progress.results.containsKey(deed.key())) {
        bytes += OVERHEAD + deed.manifest().map(m -> m.encode().length).orElse(0);
        boolean fits = bytes <= MAX_PART && part.size() < MAX_PART_MANIFESTS;
        if (!part.isEmpty() && !fits) {
          return part;
        }
        part.add(deed);
      }
    }
    return part;
  }

  /** Returns why not; nothing if it is done, or somebody else was faster. */
  private Optional<String> commit(ClusterState cluster, List<Deed> part, Progress progress)
      throws InterruptedException {
    List<KvTransaction.Op> ops = new ArrayList<>();
    List<KvTransaction.Compare> compares = new ArrayList<>();
    for (Deed deed : part) {
      compares.add(new KvTransaction.Compare(deed.key(), cluster.modRevision(deed.key())));
      deed.manifest().ifPresent(m -> ops.add(new KvTransaction.Put(m.key(), m.encode())));
      if (deed.result().equals("deleted")) {
        ops.add(new KvTransaction.Delete(deed.key()));
      }
    }
    if (ops.isEmpty()) {
      part.forEach(d -> {
        progress.results.put(d.key(), d.result());
        progress.revision = Math.max(progress.revision, cluster.modRevision(d.key()));
      });
      return Optional.empty();
    }
    try {
      Applied applied = store
          .submit(KvMachine.NAME, new KvTransaction(compares, ops, List.of()).encode())
          .get(ANSWERED_WITHIN_S, TimeUnit.SECONDS);
      return switch (KvOutcome.decode(applied.outcome())) {
        case KvOutcome.Refused refused -> Optional.of(refused.reason());
        case KvOutcome.Done done -> {
          if (done.succeeded()) {
            part.forEach(d -> progress.results.put(d.key(), d.result()));
            progress.revision = Math.max(progress.revision, applied.revision());
          }
          yield Optional.empty();
        }
      };
    } catch (ExecutionException e) {
      return Optional.of(why(e));
    } catch (TimeoutException e) {
      return Optional.of(NO_ANSWER);
    }
  }

  private static Answer broken(Progress progress, String why) {
    String kept = progress.results.isEmpty()
        ? ""
        : "\ncatwalk: what stands above is in the cluster, what comes after it in the files is not:"
            + " the same again does the rest";
    return new Answer(Answer.REFUSED, lines(progress), "catwalk: " + why + kept);
  }

  private Answer done(Question q, Progress progress) throws InterruptedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("revision", progress.revision);
    ArrayNode list = json.putArray("manifests");
    progress.results.forEach((key, result) -> {
      String[] parts = key.split("/", -1); // manifests/KIND/NAMESPACE/NAME
      list.addObject()
          .put("kind", parts[1])
          .put("namespace", parts[2])
          .put("name", parts[3])
          .put("result", result);
    });
    String table = lines(progress) + "revision " + progress.revision + "\n";
    if (q.argument("wait").isEmpty()) {
      return Render.as(q.format(), json, table);
    }
    long atMostMs = TimeUnit.SECONDS.toMillis(Long.parseLong(q.argument("wait")));
    Enforcement enforcement = Enforcement.await(loop, progress.revision, atMostMs);
    enforcement.into(json);
    Answer answer = Render.as(q.format(), json, table + enforcement.line());
    return enforcement.missing().isEmpty()
        ? answer
        : new Answer(Answer.NO, answer.out(), enforcement.complaint());
  }

  private static String lines(Progress progress) {
    return progress.results.entrySet().stream()
        .map(r -> r.getValue() + " " + r.getKey().substring(Keys.MANIFESTS.length()) + "\n")
        .collect(Collectors.joining());
  }
}
