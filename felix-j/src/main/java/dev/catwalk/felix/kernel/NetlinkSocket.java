package dev.catwalk.felix.kernel;

import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.MalformedException;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Sink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A netlink socket of the namespace that the opening thread is in. One thread at a time uses it.
 */
final class NetlinkSocket implements RouteKeeper.Kernel, AutoCloseable {
  /** Groups of changes that can be listened to, RTNLGRP_*. */
  enum Group {
    LINK(1),
    IPV4_ADDRESS(5),
    IPV4_ROUTE(7),
    IPV6_ADDRESS(9),
    IPV6_ROUTE(11);

    private final int number;

    Group(int number) {
      this.number = number;
    }
  }

  /** The kernel's answers are lost: what is there must be read anew. */
  static final class OverflowException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int NETLINK_NETFILTER = 12;
  private static final int SOL_NETLINK = 270;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int RECEIVE_BUFFER = 4 << 20;
  private static final int LARGEST_DATAGRAM = 1 << 18;

  /** Requests of one send: their refusals, all of them, fit the receive buffer. */
  private static final int BATCH = 1000;

  private static final int MAX_DUMP_RETRIES = 5;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /** What is sent and received passes through these. For sockets that one thread uses in turn. */
  static final class Buffers {
    private final ByteBuffer in =
        ByteBuffer.allocateDirect(LARGEST_DATAGRAM).order(ByteOrder.nativeOrder());
    private final long inAddress = MemorySegment.ofBuffer(in).address();
    private final Sink out = new Sink();
    private ByteBuffer outBytes = ByteBuffer.allocateDirect(1 << 16);
    private long outAddress = MemorySegment.ofBuffer(outBytes).address();
  }

  private final int fd;
  private final int port;
  private final Buffers buffers;
  private final Sink out;
  private int sequence = 1;

  private NetlinkSocket(int fd, int port, Buffers buffers) {
    this.fd = fd;
    this.port = port;
    this.buffers = buffers;
    this.out = buffers.out;
  }

  /**
   * One for a few requests in the namespace that the calling thread is in.
   *
   * @param buffers not used by another thread meanwhile
   */
  static NetlinkSocket brief(Buffers buffers) throws KernelException {
    int fd =
        check(LibC.Loaded.C.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE), "netlink socket");
    boolean ready = false;
    try {
      option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
      option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
      option(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
      patience(fd, ANSWER_TIMEOUT);
      ready = true;
      return new NetlinkSocket(fd, 0, buffers); // the first send binds it
    } finally {
      if (!ready) {
        LibC.Loaded.C.close(fd);
      }
    }
  }

  /** One for requests. */
  static NetlinkSocket open() throws KernelException {
    return open(NETLINK_ROUTE, ANSWER_TIMEOUT, List.of(), 0);
  }

  /** One for netfilter's requests: rules and sets. */
  static NetlinkSocket openNetfilter() throws KernelException {
    return open(NETLINK_NETFILTER, ANSWER_TIMEOUT, List.of(), 0);
  }

  /**
   * One that hears of changes.
   *
   * @param patience how long {@link #receive} waits
   * @param deaf number of the socket whose doings are not told; 0 for none
   */
  static NetlinkSocket open(Duration patience, List<Group> groups, int deaf)
      throws KernelException {
    return open(NETLINK_ROUTE, patience, groups, deaf);
  }

  private static NetlinkSocket open(int protocol, Duration patience, List<Group> groups, int deaf)
      throws KernelException {
    int fd = check(LibC.Loaded.C.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), "netlink socket");
    boolean ready = false;
    try {
      option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
      option(fd, SOL_SOCKET, SO_SNDBUFFORCE, RECEIVE_BUFFER);
      option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
      option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
      option(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
      patience(fd, patience);
      int port = bind(fd);
      if (deaf != 0) {
        ignore(fd, deaf);
      }
      for (Group group : groups) {
        option(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group.number);
      }
      ready = true;
      return new NetlinkSocket(fd, port, new Buffers());
    } finally {
      if (!ready) {
        LibC.Loaded.C.close(fd);
      }
    }
  }

  /** Of this socket; others may use them in turn with it. */
  Buffers buffers() {
    return buffers;
  }

  /** The number by which the kernel's messages name this socket. */
  int port() {
    return port;
  }

  /**
   * Sends requests, in order, each whatever became of those before it.
   *
   * @return what was refused, by index
   * @throws OverflowException where answers were lost
   */
  @Override
  public SortedMap<Integer, Inbound.Refused> send(List<? extends Request> requests)
      throws KernelException, OverflowException {
    SortedMap<Integer, Inbound.Refused> refused = new TreeMap<>();
    for (int from = 0; from < requests.size(); from += BATCH) {
      int to = Math.min(from + BATCH, requests.size());
      int first = sequence;
      out.clear();
      for (int i = from; i < to; i++) {
        Request.encode(requests.get(i), sequence++, i == to - 1, out);
      }
      transmit();
      collect(first, from, to - from, refused);
    }
    return refused;
  }

  /** Sends one request that must succeed. */
  void demand(Request request, String what) throws KernelException, OverflowException {
    demandAll(List.of(request), what);
  }

  /** Sends requests that must all succeed; those after a refused one are tried nevertheless. */
  void demandAll(List<? extends Request> requests, String what)
      throws KernelException, OverflowException {
    SortedMap<Integer, Inbound.Refused> refused = send(requests);
    if (!refused.isEmpty()) {
      throw refusal(what, refused.values().iterator().next());
    }
  }

  static KernelException refusal(String what, Inbound.Refused refused) {
    String said = refused.text().isEmpty() ? "" : ": " + refused.text();
    return new KernelException(what + ": " + Errno.text(refused.errno()) + said, refused.errno());
  }

  private void collect(int first, int from, int count, SortedMap<Integer, Inbound.Refused> refused)
      throws KernelException, OverflowException {
    while (true) {
      for (Inbound message : answer()) {
        int index = message.sequence() - first;
        if (index < 0 || index >= count) {
          continue; // of an earlier exchange that timed out
        }
        if (message.payload() instanceof Inbound.Refused no) {
          refused.put(from + index, no);
        }
        boolean isVerdict = message.payload() instanceof Inbound.Refused
            || message.payload() instanceof Inbound.Acknowledged;
        if (index == count - 1 && isVerdict) {
          return;
        }
      }
    }
  }

  /** What the kernel has of a kind; asked again while others change it under our eyes. */
  @Override
  public List<Inbound.Payload> dump(Request request) throws KernelException, OverflowException {
    for (int attempt = 0; attempt < MAX_DUMP_RETRIES; attempt++) {
      Optional<List<Inbound.Payload>> whole = dumpOnce(request);
      if (whole.isPresent()) {
        return whole.get();
      }
    }
    throw new OverflowException();
  }

  private Optional<List<Inbound.Payload>> dumpOnce(Request request)
      throws KernelException, OverflowException {
    int asked = sequence++;
    out.clear();
    Request.encode(request, asked, false, out);
    transmit();
    List<Inbound.Payload> found = new ArrayList<>();
    boolean interrupted = false;
    while (true) {
      for (Inbound message : answer()) {
        if (message.sequence() != asked) {
          continue;
        }
        interrupted |= message.interrupted();
        if (message.payload() instanceof Inbound.Done) {
          return interrupted ? Optional.empty() : Optional.of(found);
        }
        if (message.payload() instanceof Inbound.Refused no) {
          throw refusal("reading the kernel's state", no);
        }
        found.add(message.payload());
      }
    }
  }

  /** The link of that name, if there is one. */
  Optional<Inbound.LinkIs> link(String name) throws KernelException, OverflowException {
    int asked = sequence++;
    out.clear();
    Request.encode(new Request.GetLink(name), asked, false, out);
    transmit();
    while (true) {
      for (Inbound message : answer()) {
        if (message.sequence() != asked) {
          continue;
        }
        if (message.payload() instanceof Inbound.LinkIs link) {
          return Optional.of(link);
        }
        if (message.payload() instanceof Inbound.Refused no) {
          if (no.errno() == Errno.ENODEV) {
            return Optional.empty();
          }
          throw refusal("asking for link " + name, no);
        }
      }
    }
  }

  /** The one answer to a request that has one. */
  Inbound.Payload ask(Request request) throws KernelException, OverflowException {
    int asked = sequence++;
    out.clear();
    Request.encode(request, asked, false, out);
    transmit();
    while (true) {
      for (Inbound message : answer()) {
        if (message.sequence() == asked) {
          return message.payload();
        }
      }
    }
  }

  private List<Inbound> answer() throws KernelException, OverflowException {
    List<Inbound> messages = receive();
    if (messages.isEmpty()) {
      throw new KernelException(
          "the kernel did not answer on netlink for " + ANSWER_TIMEOUT.toSeconds() + " s");
    }
    return messages;
  }

  /**
   * The next datagram's messages, or none when patience ends.
   *
   * @throws OverflowException where the kernel had more to say than the buffer holds
   */
  List<Inbound> receive() throws KernelException, OverflowException {
    return receive(0);
  }

  /** As {@link #receive}, of what is there already. */
  List<Inbound> receiveNow() throws KernelException, OverflowException {
    return receive(MSG_DONTWAIT);
  }

  private List<Inbound> receive(int flags) throws KernelException, OverflowException {
    while (true) {
      long length = LibC.Loaded.C.recv(fd, buffers.inAddress, buffers.in.capacity(), flags);
      if (length >= 0) {
        try {
          return Inbound.decode(buffers.in.clear().limit((int) length));
        } catch (MalformedException e) {
          throw new KernelException("netlink message not understood: " + e.getMessage(), e);
        }
      }
      int errno = LibC.Loaded.errno();
      switch (errno) {
        case Errno.EINTR -> {}
        case Errno.EAGAIN -> {
          return List.of();
        }
        case Errno.ENOBUFS -> throw new OverflowException();
        default -> throw new KernelException("netlink receive: " + Errno.text(errno), errno);
      }
    }
  }

  private void transmit() throws KernelException {
    byte[] bytes = out.toBytes();
    if (buffers.outBytes.capacity() < bytes.length) {
      buffers.outBytes = ByteBuffer.allocateDirect(bytes.length * 2);
      buffers.outAddress = MemorySegment.ofBuffer(buffers.outBytes).address();
    }
    buffers.outBytes.put(0, bytes);
    long sent;
    do {
      sent = LibC.Loaded.C.send(fd, buffers.outAddress, bytes.length, 0);
    } while (sent < 0 && LibC.Loaded.errno() == Errno.EINTR);
    if (sent != bytes.length) {
      int errno = sent < 0 ? LibC.Loaded.errno() : 0;
      throw new KernelException("netlink send: " + Errno.text(errno), errno);
    }
  }

  private static int bind(int fd) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_nl: family, padding, port (0: the kernel chooses), groups.
      MemorySegment name = arena.allocate(12, 4);
      name.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      check(LibC.Loaded.C.bind(fd, name.address(), 12), "netlink bind");
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
      check(LibC.Loaded.C.getsockname(fd, name.address(), length.address()), "netlink getsockname");
      return name.get(ValueLayout.JAVA_INT, 4);
    }
  }

  private static void option(int fd, int level, int name, int value) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, value);
      check(
          LibC.Loaded.C.setsockopt(fd, level, name, number.address(), 4), "netlink option " + name);
    }
  }

  /** A filter in the kernel: 100,000 routes of our own must not drown one of somebody else's. */
  private static void ignore(int fd, int port) throws KernelException {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    try (Arena arena = Arena.ofConfined()) {
      // struct sock_filter[]: load nlmsg_pid; equal: drop; else: keep. BPF loads big-endian.
      MemorySegment code = arena.allocate(32, 8);
      ByteBuffer out = code.asByteBuffer().order(ByteOrder.nativeOrder());
      out.putShort((short) 0x20).putShort((short) 0).putInt(12);
      out.putShort((short) 0x15).put((byte) 0).put((byte) 1);
      out.putInt(little ? Integer.reverseBytes(port) : port);
      out.putShort((short) 0x06).putShort((short) 0).putInt(0);
      out.putShort((short) 0x06).putShort((short) 0).putInt(-1);
      // struct sock_fprog: count, padding, address.
      MemorySegment program = arena.allocate(16, 8);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) 4);
      program.set(ValueLayout.JAVA_LONG, 8, code.address());
      check(
          LibC.Loaded.C.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program.address(), 16),
          "netlink filter");
    }
  }

  private static void patience(int fd, Duration patience) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timeval = arena.allocateFrom(
          ValueLayout.JAVA_LONG, patience.toSeconds(), patience.toNanosPart() / 1000);
      check(
          LibC.Loaded.C.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval.address(), 16),
          "netlink timeout");
    }
  }

  private static int check(int result, String what) throws KernelException {
    if (result < 0) {
      int errno = LibC.Loaded.errno();
      throw new KernelException(what + ": " + Errno.text(errno), errno);
    }
    return result;
  }

  @Override
  public void close() {
    LibC.Loaded.C.close(fd);
  }
}
