package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a Pod as far as policy minds; knows the names of the rest. */
final class PodReader {
  private static final String[] SPEC = {
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes"
  };
  private static final String[] CONTAINER = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "restartPolicyRules",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir"
  };

  private PodReader() {}

  static Workload read(Located object, Metadata metadata) {
    object.only("apiVersion", "kind", "metadata", "spec", "status");
    Optional<Located> spec = object.field("spec");
    spec.ifPresent(s -> s.only(SPEC));
    List<NamedPort> ports = new ArrayList<>();
    for (String list : new String[] {"initContainers", "containers"}) {
      for (Located container : spec.map(s -> s.items(list)).orElse(List.of())) {
        container.only(CONTAINER);
        container.items("ports").forEach(port -> port(port).ifPresent(ports::add));
      }
    }
    boolean finished = object
        .field("status")
        .flatMap(s -> s.field("phase"))
        .flatMap(Located::text)
        .filter(phase -> phase.equals("Succeeded") || phase.equals("Failed"))
        .isPresent();
    return new Workload(
        new WorkloadKey(metadata.namespace(), metadata.name()),
        metadata.labels(),
        List.of(),
        ports,
        spec.flatMap(s -> s.field("hostNetwork")).flatMap(Located::bool).orElse(false),
        finished,
        spec.flatMap(s -> s.field("nodeName")).flatMap(Located::text).orElse(null));
  }

  /** Nothing where the port has no name: only names matter. */
  private static Optional<NamedPort> port(Located port) {
    port.only("name", "containerPort", "protocol", "hostPort", "hostIP");
    if (port.field("containerPort").isEmpty()) {
      port.missing("containerPort", "1 to 65535");
    }
    Optional<Integer> number = port.field("containerPort").flatMap(Located::portNumber);
    Optional<Located> protocolField = port.field("protocol");
    Optional<Protocol> protocol = protocolField.isEmpty()
        ? Optional.of(Protocol.TCP)
        : protocolField.flatMap(Syntax::protocol);
    Optional<String> name = port.field("name").flatMap(Syntax::portName);
    return name.isPresent() && number.isPresent() && protocol.isPresent()
        ? Optional.of(new NamedPort(name.get(), protocol.get(), number.get()))
        : Optional.empty();
  }
}
