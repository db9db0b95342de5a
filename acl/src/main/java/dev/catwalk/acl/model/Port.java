package dev.catwalk.acl.model;

/** Which destination ports. */
public sealed interface Port {

  Protocol protocol();

  /** Every port of a protocol. */
  record Every(Protocol protocol) implements Port {
    @Override
    public String toString() {
      return "every " + protocol + " port";
    }
  }

  /** Ports {@code first} to {@code last}, both included, 1..65535. */
  record Range(Protocol protocol, int first, int last) implements Port {
    public Range {
      assert first >= 1 && first <= last && last <= 65535 : first + "-" + last;
    }

    @Override
    public String toString() {
      return protocol + "/" + (first == last ? "" + first : first + "-" + last);
    }
  }

  /** What the destination declares under a name: nothing where it declares none. */
  record Named(Protocol protocol, String name) implements Port {
    @Override
    public String toString() {
      return protocol + "/" + name;
    }
  }
}
