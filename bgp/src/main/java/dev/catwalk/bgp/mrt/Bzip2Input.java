package dev.catwalk.bgp.mrt;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What bzip2 has compressed, which is how collectors keep their files. Memory: 4 MB at most, of which
 * a small block takes little. */
final class Bzip2Input extends InputStream {
  private static final long BLOCK = 0x314159265359L;
  private static final long END = 0x177245385090L;
  private static final int LEVEL_OCTETS = 100_000;
  private static final int MAX_CODE_LENGTH = 20;
  private static final int GROUP_SIZE = 50;
  private static final int POLYNOMIAL = 0x04c11db7;
  private static final int[] CRC = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc < 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
      }
      CRC[i] = crc;
    }
  }

  private final InputStream in;
  private long bits;
  private int bitCount;
  private int[] next = new int[0]; // low 8 bits: an octet; above: where the next one is
  private int most; // how long a block may make it
  private int left; // octets of the block before its runs are laid out
  private int at;
  private int last = -1;
  private int sameCount;
  private int repeat;
  private int crc;
  private int blockCrc;
  private boolean inBlock;
  private boolean done;

  Bzip2Input(InputStream in) throws IOException {
    this.in = in;
    begin();
  }

  @Override
  public int read() throws IOException {
    while (true) {
      if (done) {
        return -1;
      }
      if (repeat > 0) {
        repeat--;
        return out(last);
      }
      if (left == 0) {
        endBlock();
        block();
        continue;
      }
      left--;
      at = next[at];
      int octet = at & 0xff;
      at >>>= 8;
      if (sameCount == 4) { // after four equal octets comes how many more there are
        sameCount = 0;
        repeat = octet;
        continue;
      }
      sameCount = octet == last ? sameCount + 1 : 1;
      last = octet;
      return out(octet);
    }
  }

  @Override
  public int read(byte[] to, int from, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int octet = read();
      if (octet < 0) {
        return i == 0 ? -1 : i;
      }
      to[from + i] = (byte) octet;
    }
    return count;
  }

  private int out(int octet) {
    crc = crc << 8 ^ CRC[crc >>> 24 ^ octet];
    return octet;
  }

  private void begin() throws IOException {
    if (bits(8) != 'B' || bits(8) != 'Z' || bits(8) != 'h') {
      throw new IOException("no bzip2 header");
    }
    int level = (int) bits(8) - '0';
    if (level < 1 || level > 9) {
      throw new IOException("bzip2 of level " + level);
    }
    most = level * LEVEL_OCTETS;
  }

  /** Room grows with what a block holds: a header alone, or many of them, take none. */
  private void reserve(int size) throws IOException {
    if (size > most) {
      throw damaged();
    }
    if (size > next.length) {
      next = Arrays.copyOf(next, Math.min(most, Math.max(size, 2 * next.length)));
    }
  }

  private void endBlock() throws IOException {
    if (inBlock && ~crc != blockCrc) {
      throw new IOException("the file is damaged: a block of bzip2 has another checksum");
    }
    inBlock = false;
  }

  private void block() throws IOException {
    long magic = bits(24) << 24 | bits(24);
    blockCrc = (int) bits(32);
    if (magic == END) {
      bitCount -= bitCount % 8;
      int more = bitCount > 0 ? 0 : in.read();
      if (more < 0) {
        done = true;
      } else { // another stream behind the first
        if (bitCount == 0) {
          bits = bits << 8 | more;
          bitCount = 8;
        }
        begin();
      }
      return;
    }
    if (magic != BLOCK) {
      throw new IOException("the file is damaged: no block of bzip2 where one begins");
    }
    if (bits(1) != 0) {
      throw new IOException("bzip2 with randomised blocks, which nobody writes any more");
    }
    int origin = (int) bits(24);
    Codes codes = codes();
    int size = octets(codes);
    untransform(size, origin);
    inBlock = true;
    crc = -1;
    last = -1;
    sameCount = 0;
  }

  /** Which octets occur, and the Huffman codes of each group of 50 symbols. */
  private static final class Codes {
    final int[] used;
    final int[] selectors;
    final Tree[] trees;

    Codes(int[] used, int[] selectors, Tree[] trees) {
      this.used = used;
      this.selectors = selectors;
      this.trees = trees;
    }
  }

  /** A canonical Huffman code. */
  private static final class Tree {
    final int[] limit;
    final int[] base;
    final int[] symbols;

    Tree(int[] limit, int[] base, int[] symbols) {
      this.limit = limit;
      this.base = base;
      this.symbols = symbols;
    }
  }

  private Codes codes() throws IOException {
    int ranges = (int) bits(16);
    int[] used = new int[256];
    int count = 0;
    for (int i = 0; i < 16; i++) {
      int range = (ranges >> 15 - i & 1) == 0 ? 0 : (int) bits(16);
      for (int j = 0; j < 16; j++) {
        if ((range >> 15 - j & 1) != 0) {
          used[count++] = 16 * i + j;
        }
      }
    }
    int trees = (int) bits(3);
    int[] selectors = new int[(int) bits(15)];
    if (count == 0 || trees < 2 || trees > 6 || selectors.length == 0) {
      throw damaged();
    }
    int[] order = new int[trees];
    for (int i = 0; i < trees; i++) {
      order[i] = i;
    }
    for (int i = 0; i < selectors.length; i++) {
      int ahead = 0;
      while (bits(1) != 0) {
        if (++ahead >= trees) {
          throw damaged();
        }
      }
      int chosen = order[ahead];
      System.arraycopy(order, 0, order, 1, ahead);
      order[0] = chosen;
      selectors[i] = chosen;
    }
    Tree[] all = new Tree[trees];
    for (int i = 0; i < trees; i++) {
      all[i] = tree(count + 2);
    }
    return new Codes(Arrays.copyOf(used, count), selectors, all);
  }

  private Tree tree(int symbolCount) throws IOException {
    int[] lengths = new int[symbolCount];
    int length = (int) bits(5);
    for (int i = 0; i < symbolCount; i++) {
      while (bits(1) != 0) {
        length += bits(1) == 0 ? 1 : -1;
        if (length < 1 || length > MAX_CODE_LENGTH) {
          throw damaged();
        }
      }
      if (length < 1 || length > MAX_CODE_LENGTH) {
        throw damaged();
      }
      lengths[i] = length;
    }
    int[] limit = new int[MAX_CODE_LENGTH + 1];
    int[] base = new int[MAX_CODE_LENGTH + 1];
    int[] symbols = new int[symbolCount];
    int code = 0;
    int placed = 0;
    for (int l = 1; l <= MAX_CODE_LENGTH; l++) {
      base[l] = placed - code;
      for (int i = 0; i < symbolCount; i++) {
        if (lengths[i] == l) {
          symbols[placed++] = i;
          code++;
        }
      }
      limit[l] = code; // codes of this length are below it
      code <<= 1;
    }
    return new Tree(limit, base, symbols);
  }

  /** Undoes Huffman, the runs of zeros and move-to-front: how many octets stand in {@code next}. */
  private int octets(Codes codes) throws IOException {
    int[] front = codes.used.clone();
    int endOfBlock = codes.used.length + 1;
    int size = 0;
    int run = 0;
    int weight = 1;
    for (int i = 0; ; i++) {
      int group = i / GROUP_SIZE;
      if (group >= codes.selectors.length) {
        throw damaged();
      }
      int symbol = symbol(codes.trees[codes.selectors[group]]);
      if (symbol <= 1) {
        run += weight << symbol;
        weight <<= 1;
        if (run > most) {
          throw damaged();
        }
        continue;
      }
      reserve(size + run);
      while (run > 0) {
        next[size++] = front[0];
        run--;
      }
      weight = 1;
      if (symbol == endOfBlock) {
        return size;
      }
      reserve(size + 1);
      int octet = front[symbol - 1];
      System.arraycopy(front, 0, front, 1, symbol - 1);
      front[0] = octet;
      next[size++] = octet;
    }
  }

  private int symbol(Tree tree) throws IOException {
    int code = 0;
    for (int length = 1; length <= MAX_CODE_LENGTH; length++) {
      code = code << 1 | (int) bits(1);
      if (code < tree.limit[length]) {
        int index = tree.base[length] + code;
        if (index < 0 || index >= tree.symbols.length) {
          throw damaged();
        }
        return tree.symbols[index];
      }
    }
    throw damaged();
  }

  /** Burrows-Wheeler backwards: each octet gets the place of the one after it. */
  private void untransform(int size, int origin) throws IOException {
    if (origin >= size) {
      throw damaged();
    }
    int[] starts = new int[257];
    for (int i = 0; i < size; i++) {
      starts[(next[i] & 0xff) + 1]++;
    }
    for (int i = 0; i < 256; i++) {
      starts[i + 1] += starts[i];
    }
    for (int i = 0; i < size; i++) {
      next[starts[next[i] & 0xff]++] |= i << 8;
    }
    at = next[origin] >>> 8;
    left = size;
  }

  private long bits(int count) throws IOException {
    while (bitCount < count) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException("the file ends within a block of bzip2");
      }
      bits = bits << 8 | octet;
      bitCount += 8;
    }
    bitCount -= count;
    return bits >>> bitCount & (1L << count) - 1;
  }

  private static IOException damaged() {
    return new IOException("the file is damaged: a block of bzip2 contradicts itself");
  }
}
