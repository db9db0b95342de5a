package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.Octets;

/** What one path attribute says; equal where its octets are. */
sealed interface AttributeValue {
  int TRANSITIVE = 0x40;
  int OPTIONAL = 0x80;

  /** The attribute's flags, RFC 4271 §4.3. */
  int flags();

  /** Of its octets. */
  int length();

  byte[] toBytes();

  /** Octets as they were said. */
  record Plain(int flags, Octets octets, int hash) implements AttributeValue {
    Plain(int flags, byte... octets) {
      this(flags, Octets.of(octets));
    }

    private Plain(int flags, Octets octets) {
      this(flags, octets, 31 * octets.hashCode() + flags); // once, not for each route that has it
    }

    @Override
    public int length() {
      return octets.length();
    }

    @Override
    public byte[] toBytes() {
      return octets.toBytes();
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** Members, which are sent in ascending order. */
  record Listed(MemberList members) implements AttributeValue {
    @Override
    public int flags() {
      return OPTIONAL | TRANSITIVE;
    }

    @Override
    public int length() {
      return members.length();
    }

    @Override
    public byte[] toBytes() {
      return members.toBytes();
    }
  }
}
