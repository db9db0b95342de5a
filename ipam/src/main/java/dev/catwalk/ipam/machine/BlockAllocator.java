package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One block, as the node that owns it hands it out. A handle gets one address of it however often it
 * asks. What was free longest is given first, so an address that was released rests as long as the
 * others last: neighbours and peers may still believe in its former holder.
 *
 * <p>Mutable, for one thread, and a function of the calls made to it.
 */
public final class BlockAllocator {
  private final Prefix block;
  private final TreeMap<IpAddress, Allocation> byAddress = new TreeMap<>();
  private final TreeMap<Handle, Allocation> byHandle = new TreeMap<>();

  /** Longest free first. */
  private final LinkedHashSet<IpAddress> free = new LinkedHashSet<>();

  /** Free and reserved: for those who ask for them by name. */
  private final LinkedHashSet<IpAddress> aside = new LinkedHashSet<>();

  /** When those that are free were released, where that is known. */
  private final TreeMap<IpAddress, Long> releasedAt = new TreeMap<>();

  /** Not to be handed out here as long as the store says so, and the change that set it apart. */
  private final TreeMap<IpAddress, Long> apart = new TreeMap<>();

  private AllocationRules rules = AllocationRules.NONE;

  /** All of the block is free, in address order. */
  public BlockAllocator(Prefix block) {
    this.block = block;
    for (long i = Block.reserved(block); i < block.size(); i++) {
      free.add(block.at(i));
    }
  }

  /**
   * As it was: {@code held} is in use and the rest is free, in the order given.
   *
   * @param setApart neither of the two
   * @throws IllegalArgumentException unless the three are the whole block, each address once
   */
  BlockAllocator(
      Prefix block,
      List<Allocation> held,
      List<IpAddress> freeOrder,
      SortedMap<IpAddress, Long> setApart) {
    this.block = block;
    apart.putAll(setApart);
    freeOrder.forEach(free::add);
    for (Allocation a : held) {
      byAddress.put(a.ip(), a);
      byHandle.put(a.handle(), a);
    }
    boolean disjoint = free.stream().noneMatch(byAddress::containsKey)
        && apart.keySet().stream().noneMatch(ip -> free.contains(ip) || byAddress.containsKey(ip));
    boolean inside = free.stream().allMatch(ip -> Block.isUsable(block, ip))
        && apart.keySet().stream().allMatch(ip -> Block.isUsable(block, ip))
        && byAddress.keySet().stream().allMatch(ip -> Block.isUsable(block, ip));
    if (!disjoint
        || !inside
        || byHandle.size() != byAddress.size()
        || free.size() + byAddress.size() + apart.size() != Block.usable(block)) {
      throw new IllegalArgumentException("the record of block " + block + " is not whole");
    }
  }

  /** Keeps to these rules from now on. */
  void govern(AllocationRules next) {
    boolean same = next.reserved().equals(rules.reserved());
    rules = next;
    if (same) {
      return;
    }
    List<IpAddress> all = freeOrder();
    free.clear();
    aside.clear();
    for (IpAddress ip : all) {
      (rules.reserves(ip) ? aside : free).add(ip);
    }
  }

  public Prefix block() {
    return block;
  }

  /** How many addresses are left for anybody. */
  public int free() {
    return free.size();
  }

  /** What is in use, in address order. */
  public List<Allocation> held() {
    return new ArrayList<>(byAddress.values());
  }

  /** How many addresses are in use. */
  public int allocated() {
    return byAddress.size();
  }

  /** How many addresses are left for those who ask for them by name. */
  public int reserved() {
    return aside.size();
  }

  /** How many of those that are left rest after their release. */
  public int cooling(long nowMs) {
    int cooling = 0;
    for (Long at : releasedAt.values()) {
      cooling += rests(at, nowMs) ? 1 : 0;
    }
    return cooling;
  }

  /** What is set apart, each with the number of the change that did it. */
  SortedMap<IpAddress, Long> apart() {
    return new TreeMap<>(apart);
  }

  /**
   * Hands out no more an address that is free.
   *
   * @param by the number of this change
   * @throws IllegalArgumentException if it is not free
   */
  void setApart(IpAddress ip, long by) {
    if (!free.remove(ip) && !aside.remove(ip)) {
      throw new IllegalArgumentException(ip + " cannot be set apart in block " + block);
    }
    releasedAt.remove(ip);
    apart.put(ip, by);
  }

  /**
   * Hands it out again.
   *
   * @throws IllegalArgumentException if it is not apart
   */
  void backIn(IpAddress ip) {
    if (apart.remove(ip) == null) {
      throw new IllegalArgumentException(ip + " is not apart from block " + block);
    }
    (rules.reserves(ip) ? aside : free).add(ip);
  }

  /** What somebody would get who does not ask for one by name; null if there is none. */
  @Nullable
  IpAddress nextFree(long nowMs) {
    return next(nowMs);
  }

  /** What is left, next to be given first; then what is reserved. */
  public List<IpAddress> freeOrder() {
    List<IpAddress> all = new ArrayList<>(free);
    all.addAll(aside);
    return all;
  }

  /** When addresses were released that may still rest. */
  TreeMap<IpAddress, Long> releasedAt() {
    return new TreeMap<>(releasedAt);
  }

  /** As {@link #release} found it in an earlier life of the process. */
  void releasedAt(IpAddress ip, long atMs) {
    if (free.contains(ip) || aside.contains(ip)) {
      releasedAt.put(ip, atMs);
    }
  }

  /** A clock that was set back lets nothing rest longer than the rule says, nor shorter. */
  private boolean rests(long at, long nowMs) {
    return nowMs - at < rules.coolDownMs() && at - nowMs < rules.coolDownMs();
  }

  /** Of those that are left the one that was free longest, unless even that rests. */
  private @Nullable IpAddress next(long nowMs) {
    IpAddress first = free.isEmpty() ? null : free.getFirst();
    Long at = first == null ? null : releasedAt.get(first);
    return at != null && rests(at, nowMs) ? null : first;
  }

  /** Whether a request for any address would be served. */
  boolean hasFor(long nowMs) {
    return next(nowMs) != null;
  }

  /** Whether nobody has this address of the block, be it reserved or not. */
  boolean isLeft(IpAddress ip) {
    return free.contains(ip) || aside.contains(ip);
  }

  /** What a handle has in this block, if anything. */
  public @Nullable Allocation of(Handle handle) {
    return byHandle.get(handle);
  }

  /**
   * What a request would get: the same address if the handle has one already. Nothing is handed out
   * before {@link #hold}.
   */
  Grant offer(AddressRequest request) {
    Allocation has = byHandle.get(request.handle());
    IpAddress wanted = request.wanted();
    if (has != null) {
      return wanted == null || wanted.equals(has.ip())
          ? new Given(has, block, false)
          : new Denied(
              Why.TAKEN,
              request.handle() + " has " + has.ip() + " already and cannot have " + wanted
                  + " too: delete it first");
    }
    if (wanted != null) {
      Denied why = cannotGive(wanted);
      return why != null ? why : new Given(request.of(wanted), block, true);
    }
    IpAddress next = next(request.nowMs());
    return next == null
        ? new Denied(Why.FULL, full(request.nowMs()))
        : new Given(request.of(next), block, true);
  }

  private String full(long nowMs) {
    int cooling = cooling(nowMs);
    return "block " + block + " is full: all of its " + Block.usable(block) + " addresses are "
        + (cooling == 0 ? "in use" : "in use, or rest after their release (" + cooling + ")")
        + (aside.isEmpty() ? "" : ", or reserved (" + aside.size() + ")")
        + (apart.isEmpty() ? "" : ", or set apart (" + apart.size() + ")")
        + "; delete pods on this node, or give it a further block";
  }

  private @Nullable Denied cannotGive(IpAddress wanted) {
    if (!block.contains(wanted)) {
      return new Denied(Why.OUTSIDE, wanted + " is not in this node's block " + block);
    }
    if (!Block.isUsable(block, wanted)) {
      return new Denied(
          Why.OUTSIDE, wanted + " is reserved: the first address of a block is not handed out");
    }
    if (apart.containsKey(wanted)) {
      return new Denied(
          Why.TAKEN, wanted + " is lent to another node or kept for a name: ipam show --names");
    }
    Allocation holder = byAddress.get(wanted);
    return holder == null
        ? null
        : new Denied(
            Why.TAKEN, wanted + " is held by " + holder.owner() + " (" + holder.handle() + ")");
  }

  /**
   * Hands out what was offered, or decided before.
   *
   * @throws IllegalArgumentException if it cannot have been
   */
  void hold(Allocation a) {
    if (byHandle.containsKey(a.handle()) || !free.remove(a.ip()) && !aside.remove(a.ip())) {
      throw new IllegalArgumentException(
          a.ip() + " cannot be given to " + a.handle() + " in block " + block);
    }
    releasedAt.remove(a.ip());
    byAddress.put(a.ip(), a);
    byHandle.put(a.handle(), a);
  }

  /** Takes back what a handle has; null if it has nothing here. */
  public @Nullable Allocation release(Handle handle) {
    Allocation a = byHandle.remove(handle);
    if (a != null) {
      byAddress.remove(a.ip());
      (rules.reserves(a.ip()) ? aside : free).add(a.ip());
    }
    return a;
  }

  /** As {@link #release}; the address rests from {@code nowMs} on, where the rules say so. */
  @Nullable
  Allocation release(Handle handle, long nowMs) {
    Allocation a = release(handle);
    if (a != null && rules.coolDownMs() > 0) {
      releasedAt.put(a.ip(), nowMs);
    }
    return a;
  }
}
