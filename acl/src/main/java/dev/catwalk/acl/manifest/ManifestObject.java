package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.Workload;

/** An object of a manifest. */
public sealed interface ManifestObject {

  /** What it is of: {@code Namespace}, {@code Pod}, {@code NetworkPolicy}, {@code IPPool} ... */
  String kind();

  /** Empty where the kind has none. */
  String namespace();

  String name();

  /**
   * The whole object as it was written, as JSON on one line, keys in their order, with its
   * namespace filled in. {@link Manifests#parse} gives an equal object back from it.
   */
  String json();

  record OfNamespace(Namespace value, String json) implements ManifestObject {
    @Override
    public String kind() {
      return "Namespace";
    }

    @Override
    public String namespace() {
      return "";
    }

    @Override
    public String name() {
      return value.name();
    }
  }

  /** A pod: its workload has no addresses, those are CNI's to give. */
  record OfPod(Workload value, String json) implements ManifestObject {
    @Override
    public String kind() {
      return "Pod";
    }

    @Override
    public String namespace() {
      return value.key().namespace();
    }

    @Override
    public String name() {
      return value.key().name();
    }
  }

  /** What concerns the choice of addresses. */
  record OfAddresses(String kind, String name, AddressRule value, String json)
      implements ManifestObject {
    @Override
    public String namespace() {
      return "";
    }
  }

  /** A policy of any kind. */
  record OfPolicy(Policy value, String json) implements ManifestObject {
    @Override
    public String kind() {
      return value.key().kind();
    }

    @Override
    public String namespace() {
      return value.key().namespace();
    }

    @Override
    public String name() {
      return value.key().name();
    }
  }
}
