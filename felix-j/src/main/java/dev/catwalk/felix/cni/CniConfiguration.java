package dev.catwalk.felix.cni;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import dev.catwalk.net.addr.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The network configuration on stdin: members of the types that the specification gives them. */
record CniConfiguration(JsonNode root) {
  /** Of stdin, characters; a result for a thousand interfaces fits. */
  static final int MAX_LENGTH = 1024 * 1024;

  /** Deeper than any member of the specification by far. */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_TEXT = 128 * 1024;
  private static final int MAX_NUMBER = 64;
  private static final int MAX_ANNOTATIONS = 1000;

  /** How containerd hands a pod's annotations to plugins that ask for this capability. */
  private static final String POD_ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  private static final String VALID_ATTACHMENTS = "cni.dev/valid-attachments";
  private static final Pattern NETWORK = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]{0,252}");

  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  static {
    MAPPER
        .getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(MAX_TEXT)
            .maxNameLength(MAX_TEXT)
            .maxNumberLength(MAX_NUMBER)
            .build());
  }

  static CniConfiguration parse(String stdin) throws CniException {
    if (stdin.length() > MAX_LENGTH) {
      throw new CniException(
          Code.CANNOT_DECODE,
          "stdin has " + stdin.length() + " characters",
          "at most " + MAX_LENGTH + " are read");
    }
    JsonNode root;
    try {
      root = MAPPER.readTree(stdin);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
      throw new CniException(
          Code.CANNOT_DECODE,
          "stdin is not JSON",
          where + CniEnvironment.shown(String.valueOf(e.getOriginalMessage())));
    }
    if (!root.isObject()) {
      throw new CniException(
          Code.CANNOT_DECODE, "stdin is not a network configuration", "want a JSON object");
    }
    return new CniConfiguration(root);
  }

  /** Empty where there is none. */
  String cniVersion() throws CniException {
    return text(root, "", "cniVersion");
  }

  /** The network's name, which is required. */
  String network() throws CniException {
    String name = text(root, "", "name");
    if (!NETWORK.matcher(name).matches()) {
      throw invalid("name", name, "want letters, digits, '_', '.', '-', a letter or digit first");
    }
    return name;
  }

  /** From the capability {@code ips}, else {@code args.cni.ips}; each as it stands there. */
  List<String> ips() throws CniException {
    JsonNode runtime = object(root, "", "runtimeConfig");
    if (!absent(runtime.path("ips"))) {
      return texts(runtime.path("ips"), "runtimeConfig.ips");
    }
    return texts(cniArguments().path("ips"), "args.cni.ips");
  }

  /** From the capability {@code mac}, else {@code args.cni.mac}. */
  Optional<MacAddress> mac() throws CniException {
    String where = "runtimeConfig";
    String text = text(object(root, "", where), where + ".", "mac");
    if (text.isEmpty()) {
      where = "args.cni";
      text = text(cniArguments(), where + ".", "mac");
    }
    if (text.isEmpty()) {
      return Optional.empty();
    }
    MacAddress mac;
    try {
      mac = MacAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw invalid(where + ".mac", text, "want one as 02:00:00:00:00:01");
    }
    if (mac.bits() == 0 || (mac.toBytes()[0] & 1) != 0) {
      throw invalid(where + ".mac", text, "want that of one interface, not of a group, not 0");
    }
    return Optional.of(mac);
  }

  /** The pod's annotations, if the runtime passes them. */
  SortedMap<String, String> annotations() throws CniException {
    String where = "runtimeConfig." + POD_ANNOTATIONS;
    JsonNode given = object(object(root, "", "runtimeConfig"), "runtimeConfig.", POD_ANNOTATIONS);
    if (given.size() > MAX_ANNOTATIONS) {
      throw invalid(where, given.size() + " members", "want at most " + MAX_ANNOTATIONS);
    }
    TreeMap<String, String> annotations = new TreeMap<>();
    for (var entry : given.properties()) {
      annotations.put(entry.getKey(), text(given, where + ".", entry.getKey()));
    }
    return annotations;
  }

  /** From {@code args.cni.labels}, a list of {@code {"key": ..., "value": ...}}. */
  SortedMap<String, String> labels() throws CniException {
    TreeMap<String, String> labels = new TreeMap<>();
    JsonNode given = cniArguments().path("labels");
    if (absent(given)) {
      return labels;
    }
    if (!given.isArray()) {
      throw invalid("args.cni.labels", given.toString(), "want a list");
    }
    for (JsonNode label : given) {
      String key = text(label, "args.cni.labels: ", "key");
      CniEnvironment.addLabel(
          Code.INVALID_CONFIGURATION, key, text(label, "args.cni.labels: ", "value"), labels);
    }
    return labels;
  }

  /** What ADD answered, as the runtime kept it: an object, or nothing. */
  Optional<JsonNode> prevResult() throws CniException {
    JsonNode previous = object(root, "", "prevResult");
    return absent(previous) ? Optional.empty() : Optional.of(previous);
  }

  /** GC: all attachments that still count; the member is required. */
  SortedSet<Attachment> validAttachments() throws CniException {
    JsonNode given = root.path(VALID_ATTACHMENTS);
    if (!given.isArray()) {
      throw invalid(VALID_ATTACHMENTS, given.toString(), "GC needs a list of attachments");
    }
    TreeSet<Attachment> valid = new TreeSet<>();
    for (JsonNode one : given) {
      valid.add(CniEnvironment.attachment(
          Code.INVALID_CONFIGURATION,
          VALID_ATTACHMENTS + ": containerID",
          text(one, VALID_ATTACHMENTS + ": ", "containerID"),
          VALID_ATTACHMENTS + ": ifname",
          text(one, VALID_ATTACHMENTS + ": ", "ifname")));
    }
    return valid;
  }

  private JsonNode cniArguments() throws CniException {
    return object(object(root, "", "args"), "args.", "cni");
  }

  private static JsonNode object(JsonNode parent, String where, String name) throws CniException {
    JsonNode node = parent.path(name);
    if (absent(node)) {
      return MissingNode.getInstance();
    }
    if (!node.isObject()) {
      throw invalid(where + name, node.toString(), "want an object");
    }
    return node;
  }

  private static String text(JsonNode parent, String where, String name) throws CniException {
    JsonNode node = parent.path(name);
    if (absent(node)) {
      return "";
    }
    if (!node.isTextual()) {
      throw invalid(where + name, node.toString(), "want a text");
    }
    return node.textValue();
  }

  private static List<String> texts(JsonNode node, String where) throws CniException {
    List<String> texts = new ArrayList<>();
    if (absent(node)) {
      return texts;
    }
    if (!node.isArray()) {
      throw invalid(where, node.toString(), "want a list of texts");
    }
    for (JsonNode one : node) {
      if (!one.isTextual()) {
        throw invalid(where, one.toString(), "want a list of texts");
      }
      texts.add(one.textValue());
    }
    return texts;
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static CniException invalid(String field, String value, String want) {
    return new CniException(
        Code.INVALID_CONFIGURATION,
        "field '" + field + "': '" + CniEnvironment.shown(value) + "' is not valid",
        want);
  }
}
