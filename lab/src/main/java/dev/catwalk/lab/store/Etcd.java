package dev.catwalk.lab.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Three processes of Debian's etcd on loopback, with TLS among them and its own defaults. */
public final class Etcd implements Contender, AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/etcd");
  private static final int MEMBERS = 3;
  private static final int FIRST_PORT = 23_790;
  private static final int CHANNELS_OF_A_MEMBER = 2;
  private static final int LOCAL_READERS = 64;
  private static final int START_MS = 30_000;

  private final Path directory;
  private final List<@Nullable Process> processes = new ArrayList<>();
  private final List<List<GrpcChannel>> channels = new ArrayList<>();
  private final AtomicLong next = new AtomicLong();

  /** Whether it is installed. */
  public static boolean isThere() {
    return Files.isExecutable(PROGRAM) && Files.isExecutable(Path.of("/usr/bin/etcdctl"));
  }

  /** Starts three and waits until they have a leader. */
  public Etcd(Path directory) throws IOException, LabException {
    this.directory = directory;
    for (int i = 0; i < MEMBERS; i++) {
      processes.add(null);
      channels.add(new ArrayList<>());
    }
    for (int i = 0; i < MEMBERS; i++) {
      start(i);
    }
    if (!Exec.await(START_MS, () -> find() >= 0)) {
      throw new LabException("etcd has no leader after 30 s: see " + directory);
    }
    for (int i = 0; i < MEMBERS; i++) {
      for (int c = 0; c < CHANNELS_OF_A_MEMBER; c++) {
        channels.get(i).add(new GrpcChannel(port(i)));
      }
    }
  }

  private static int port(int member) {
    return FIRST_PORT + 10 * member;
  }

  private static String peer(int member) {
    return "https://127.0.0.1:" + (port(member) + 1);
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public void start(int member) throws IOException {
    StringJoiner all = new StringJoiner(",");
    for (int i = 0; i < MEMBERS; i++) {
      all.add("e" + i + "=" + peer(i));
    }
    String client = "http://127.0.0.1:" + port(member);
    processes.set(
        member,
        new ProcessBuilder(
                PROGRAM.toString(),
                "--name=e" + member,
                "--data-dir=" + directory.resolve("e" + member),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer(member),
                "--initial-advertise-peer-urls=" + peer(member),
                "--peer-auto-tls",
                "--initial-cluster=" + all)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("e" + member + ".log").toFile())
            .start());
  }

  /** One of the member's connections in turn, made anew if the member was away. */
  private GrpcChannel channel(int member) {
    List<GrpcChannel> all = channels.get(member);
    synchronized (all) {
      int at = (int) (next.getAndIncrement() % all.size());
      if (all.get(at).broken()) {
        try {
          all.set(at, new GrpcChannel(port(member)));
        } catch (IOException e) {
          return all.get(at); // Still away: the call fails.
        }
      }
      return all.get(at);
    }
  }

  /** A field of protobuf: bytes behind their length, shorter than 16 KiB. */
  private static void field(ByteArrayOutputStream out, int number, byte[] bytes) {
    out.write(number << 3 | 2);
    if (bytes.length >= 128) {
      out.write(bytes.length & 127 | 128);
      out.write(bytes.length >> 7);
    } else {
      out.write(bytes.length);
    }
    out.writeBytes(bytes);
  }

  @Override
  public CompletableFuture<?> put(int member, String key, byte[] value) {
    ByteArrayOutputStream request = new ByteArrayOutputStream(160);
    field(request, 1, key.getBytes(UTF_8));
    field(request, 2, value);
    return channel(member).call("/etcdserverpb.KV/Put", request.toByteArray());
  }

  private CompletableFuture<?> range(int member, String key, boolean serializable) {
    ByteArrayOutputStream request = new ByteArrayOutputStream(32);
    field(request, 1, key.getBytes(UTF_8));
    if (serializable) {
      request.write(7 << 3);
      request.write(1);
    }
    return channel(member).call("/etcdserverpb.KV/Range", request.toByteArray());
  }

  @Override
  public CompletableFuture<?> read(int member, String key) {
    return range(member, key, false);
  }

  /** Serializable reads of its clients, which is what etcd has. */
  @Override
  public double localReads(String key) {
    return Callers.rate(
        LOCAL_READERS, 300, 1000, client -> range(client % MEMBERS, key, true), new LongAdder());
  }

  @Override
  public void watch(int member, String key, Runnable changed) {
    ByteArrayOutputStream create = new ByteArrayOutputStream(32);
    field(create, 1, key.getBytes(UTF_8));
    ByteArrayOutputStream request = new ByteArrayOutputStream(32);
    field(request, 1, create.toByteArray());
    channel(member).open("/etcdserverpb.Watch/Watch", request.toByteArray(), changed);
  }

  private int find() throws LabException {
    StringJoiner endpoints = new StringJoiner(",");
    for (int i = 0; i < MEMBERS; i++) {
      endpoints.add("127.0.0.1:" + port(i));
    }
    String said = Exec.run(
            java.util.Map.of("ETCDCTL_API", "3"),
            "",
            List.of("etcdctl", "--endpoints=" + endpoints, "endpoint", "status"))
        .out();
    List<String> lines = said.lines().toList();
    for (String line : lines) {
      String[] columns = line.split(", ");
      if (lines.size() == MEMBERS && columns.length > 4 && columns[4].equals("true")) {
        return (Integer.parseInt(columns[0].substring(columns[0].indexOf(':') + 1)) - FIRST_PORT)
            / 10;
      }
    }
    return -1;
  }

  @Override
  public int leader() throws LabException {
    return find();
  }

  private Process process(int member) {
    return Objects.requireNonNull(processes.get(member));
  }

  @Override
  public void kill(int member) {
    process(member).destroyForcibly().onExit().join();
  }

  @Override
  public void hang(int member, boolean hung) throws IOException {
    new ProcessBuilder(
            "kill", hung ? "-STOP" : "-CONT", String.valueOf(process(member).pid()))
        .start()
        .onExit()
        .join();
  }

  @Override
  public void close() throws IOException {
    for (List<GrpcChannel> all : channels) {
      for (GrpcChannel channel : all) {
        channel.close();
      }
    }
    for (Process process : processes) {
      if (process != null) {
        process.destroyForcibly().onExit().orTimeout(5, TimeUnit.SECONDS).join();
      }
    }
  }
}
