package dev.catwalk.felix.agent;

import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.RuntimeRecord;
import dev.catwalk.ipam.model.Handle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interfaces that this node's container runtime asked us for, as its own files tell. */
final class RuntimeCache {
  private static final Logger log = LoggerFactory.getLogger(RuntimeCache.class);

  /** More than a node has pods: a folder with more is somebody else's. */
  private static final int MAX_FILES = 10_000;

  private static final long MAX_BYTES = 1024 * 1024;

  private final Path folder;

  RuntimeCache(Places places) {
    this.folder = places.root().resolve("var/lib/cni/results");
  }

  Path folder() {
    return folder;
  }

  /** All that it knows; empty where it keeps nothing here. */
  SortedMap<Handle, Add> adds() {
    SortedMap<Handle, Add> adds = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return adds;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.limit(MAX_FILES).sorted().toList();
      for (Path file : all) {
        if (Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
          RuntimeRecord.parse(Files.readString(file))
              .ifPresent(add -> adds.put(
                  new Handle(add.attachment().containerId(), add.attachment().ifName()), add));
        }
      }
    } catch (IOException e) {
      log.warn("what the container runtime keeps cannot be read why={}", e.toString());
    }
    return adds;
  }
}
