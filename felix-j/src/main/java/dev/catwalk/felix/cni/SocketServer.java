package dev.catwalk.felix.cni;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's unix socket. The thread that takes a connection serves it, after it has had another
 * take its place: who asks waits for no thread to be woken. A question must be here within
 * {@link #QUESTION_DEADLINE_MS}.
 */
public final class SocketServer implements AutoCloseable {
  /** Connections at one time; further callers wait in the kernel's queue. */
  public static final int MAX_CONNECTIONS = 256;

  /** A connection whose question is not complete by then is closed soon, milliseconds. */
  public static final int QUESTION_DEADLINE_MS = 5_000;

  private static final int DEADLINES_EVERY_MS = 1_000;

  /** What the kernel takes in {@code sun_path}, bytes, with the name that we bind first. */
  private static final int MAX_PATH = 103;

  private static final Logger log = LoggerFactory.getLogger(SocketServer.class);

  private final Path path;
  private final ServerSocketChannel server;
  private final Requests requests;
  private final Semaphore free = new Semaphore(MAX_CONNECTIONS);
  private final ExecutorService threads = Executors.newCachedThreadPool(
      Thread.ofPlatform().daemon().name("cw-request-", 1).factory());
  private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
      Thread.ofPlatform().daemon().name("cw-socket-deadlines").factory());

  /** Whose question is not complete, and since when: looked through at times, so nobody is woken. */
  private final ConcurrentHashMap<SocketChannel, Long> asking = new ConcurrentHashMap<>();

  private SocketServer(Path path, ServerSocketChannel server, Requests requests) {
    this.path = path;
    this.server = server;
    this.requests = requests;
  }

  /**
   * Listens at {@code path}, with mode 0600. The socket of an agent that is dead is replaced.
   *
   * @throws IOException if another agent answers there, or the place cannot be used; its message is
   *     fit for a user
   */
  public static SocketServer open(Path path, Requests requests) throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
      throw new IOException("the path of the socket is longer than " + MAX_PATH
          + " bytes: choose a shorter --root (" + path + ")");
    }
    if (answers(path)) {
      throw new IOException(
          "another agent answers at " + path + ": stop it first, or choose another --root");
    }
    Path fresh = path.resolveSibling(path.getFileName() + "~new");
    Files.createDirectories(path.toAbsolutePath().getParent());
    Files.deleteIfExists(fresh);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(fresh), MAX_CONNECTIONS);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    SocketServer opened = new SocketServer(path, server, requests);
    opened.threads.execute(opened::accept);
    var unused = opened.deadlines.scheduleWithFixedDelay(
        opened::hangUp, DEADLINES_EVERY_MS, DEADLINES_EVERY_MS, TimeUnit.MILLISECONDS);
    return opened;
  }

  private static boolean answers(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false; // nothing there, or nobody behind it
    }
  }

  private void accept() {
    try {
      free.acquire();
      try {
        takeOne();
      } finally {
        free.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeOne() {
    SocketChannel taken;
    try {
      taken = server.accept();
    } catch (ClosedChannelException e) {
      return;
    } catch (IOException e) {
      log.error("the socket failed path={} why={}", path, e.getMessage());
      return;
    }
    try (SocketChannel channel = taken) {
      threads.execute(this::accept);
      serve(channel);
    } catch (RejectedExecutionException e) {
      log.debug("the socket closes: who asks now is not answered");
    } catch (IOException e) {
      log.debug("connection failed why={}", e.getMessage());
    }
  }

  private void serve(SocketChannel channel) throws IOException {
    asking.put(channel, System.nanoTime());
    byte[] question;
    try {
      question = Frame.read(channel);
    } finally {
      asking.remove(channel);
    }
    byte[] answer = question[0] == Frame.CNI
        ? requests.cni(Arrays.copyOfRange(question, 1, question.length))
        : requests.json(question);
    Frame.write(channel, answer);
  }

  private void hangUp() {
    long now = System.nanoTime();
    asking.forEach((channel, since) -> {
      if (now - since >= QUESTION_DEADLINE_MS * 1_000_000L) {
        close(channel);
      }
    });
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("close failed why={}", e.getMessage());
    }
  }

  /** Stops listening and removes the socket; answers that are under way still go out. */
  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdown();
    deadlines.shutdown();
    Files.deleteIfExists(path);
  }
}
