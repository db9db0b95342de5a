package dev.catwalk.felix.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import dev.catwalk.felix.cni.CniRequest.Check;
import dev.catwalk.felix.cni.CniRequest.Gc;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CniRequestTest {
  private static final String CONF =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"catwalk\"}";

  @Test
  void addAsKubeletSendsIt() throws CniException {
    Add add = (Add) CniRequest.parse(
        env(
            "CNI_ARGS",
            "K8S_POD_INFRA_CONTAINER_ID=c0ffee;IgnoreUnknown=1;K8S_POD_NAME=web-0;"
                + "K8S_POD_NAMESPACE=shop;LABELS=app=web,tier=front"),
        CONF);
    assertEquals(new Attachment("c0ffee", "eth0"), add.attachment());
    assertEquals("shop/web-0", add.pod().toString());
    assertEquals("/var/run/netns/cni-1", add.netns());
    assertEquals("{app=web, tier=front}", add.labels().toString());
    assertEquals(List.of(), add.addresses());
    assertEquals("n", add.network());
  }

  @Test
  void addAsPodmanSendsIt() throws CniException {
    Add add = (Add) CniRequest.parse(
        env("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=p1"),
        "{\"cniVersion\":\"0.4.0\",\"name\":\"n\",\"runtimeConfig\":{\"ips\":[\"10.42.1.7\"]}}");
    assertEquals("default/p1", add.pod().toString());
    assertEquals(List.of(IpAddress.parse("10.42.1.7")), add.addresses());
    assertEquals("0.4.0", add.cniVersion());
  }

  @Test
  void aPodWithoutANameIsItsContainer() throws CniException {
    assertEquals("default/c0ffee", ((Add) CniRequest.parse(env(), CONF)).pod().toString());
  }

  @ParameterizedTest(name = "{0} {1} gives {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ``                  | "runtimeConfig":{"ips":["10.42.1.7/24","fd00::7"]} | 10.42.1.7 fd00::7
      ``                  | "args":{"cni":{"ips":["10.42.1.8"]}}          | 10.42.1.8
      IP=10.42.1.9        | "x":1                                         | 10.42.1.9
      IP=10.42.1.9,fd00::9 | "x":1                                        | 10.42.1.9 fd00::9
      IP=10.42.1.9        | "runtimeConfig":{"ips":["10.42.1.7"]}         | 10.42.1.7
      ``                  | "runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"cni.projectcalico.org/ipAddrs":"[\\"10.42.1.6\\"]"}} | 10.42.1.6
      ``                  | "runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"catwalk.dev/addresses":"10.42.1.5, fd00::5","cni.projectcalico.org/ipAddrs":"[]"}} | 10.42.1.5 fd00::5
      ``                  | "runtimeConfig":{"ips":[]}                    | ``
      ``                  | "runtimeConfig":null                          | ``
      """)
  void fixedAddresses(String args, String member, String addresses) throws CniException {
    Add add = (Add) CniRequest.parse(
        env("CNI_ARGS", args), "{\"cniVersion\":\"1.1.0\",\"name\":\"n\"," + member + "}");
    String got =
        String.join(" ", add.addresses().stream().map(IpAddress::toString).toList());
    assertEquals(addresses, got);
  }

  @Test
  void poolsThatTheRuntimeSaysThePodIsAnnotatedWith() throws CniException {
    String conf = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"runtimeConfig\":{\"io.kubernetes.cri."
        + "pod-annotations\":{\"cni.projectcalico.org/ipv4pools\":\"[\\\"rack1\\\"]\"}}}";
    Add add = (Add) CniRequest.parse(env(), conf);
    assertEquals(List.of("rack1"), WantedPools.annotated(add.annotations(), Family.IPV4));
    assertEquals(List.of(), WantedPools.annotated(add.annotations(), Family.IPV6));
  }

  @Test
  void aWantedMac() throws CniException {
    String conf = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"runtimeConfig\":{\"mac\":"
        + "\"0A:00:00:00:00:07\"}}";
    Add add = (Add) CniRequest.parse(env(), conf);
    assertEquals(MacAddress.parse("0a:00:00:00:00:07"), add.mac().orElseThrow());
  }

  @ParameterizedTest(name = "{0}={1} is refused with {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      CNI_COMMAND     | EXPLODE              | 4
      CNI_COMMAND     | add                  | 4
      CNI_COMMAND     | ``                   | 4
      CNI_CONTAINERID | ``                   | 4
      CNI_CONTAINERID | ../../etc            | 4
      CNI_CONTAINERID | a/b                  | 4
      CNI_CONTAINERID | a b                  | 4
      CNI_CONTAINERID | -x                   | 4
      CNI_CONTAINERID | ab@eth0              | 4
      CNI_CONTAINERID | ü                    | 4
      CNI_IFNAME      | ``                   | 4
      CNI_IFNAME      | a-name-beyond-15-chars | 4
      CNI_IFNAME      | .                    | 4
      CNI_IFNAME      | ..                   | 4
      CNI_IFNAME      | lo                   | 4
      CNI_IFNAME      | all                  | 4
      CNI_IFNAME      | eth%d                | 4
      CNI_IFNAME      | x~new                | 4
      CNI_IFNAME      | eth0/x               | 4
      CNI_IFNAME      | eth 0                | 4
      CNI_NETNS       | ``                   | 4
      CNI_NETNS       | relative/path        | 4
      CNI_NETNS       | /run/netns/../../etc | 4
      CNI_NETNS       | /run/..              | 4
      CNI_ARGS        | =x                   | 4
      CNI_ARGS        | K8S_POD_NAME         | 4
      CNI_ARGS        | K8S_POD_NAME=a/b     | 4
      CNI_ARGS        | K8S_POD_NAMESPACE=../x | 4
      CNI_ARGS        | IP=10.42.1.300       | 4
      CNI_ARGS        | IP=10.42.1.3/99      | 4
      CNI_ARGS        | IP=10.42.1.3,10.42.1.4 | 4
      CNI_ARGS        | LABELS=a b=c         | 4
      """)
  void hostileEnvironment(String name, String value, int code) {
    CniException e =
        assertThrows(CniException.class, () -> CniRequest.parse(env(name, value), CONF));
    assertEquals(code, e.code().number());
    String field = name.equals("CNI_ARGS") && value.contains("LABELS") ? "label" : name;
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @Test
  void boundsOfTheEnvironment() {
    for (String name : List.of("CNI_CONTAINERID", "CNI_NETNS", "CNI_ARGS")) {
      String value = "/" + "a".repeat(200_000);
      CniException e =
          assertThrows(CniException.class, () -> CniRequest.parse(env(name, value), CONF));
      assertEquals(4, e.code().number());
      assertTrue(e.getMessage().length() < 200, e.getMessage());
    }
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      many.append("k").append(i).append("=v;");
    }
    CniException e = assertThrows(
        CniException.class, () -> CniRequest.parse(env("CNI_ARGS", many.toString()), CONF));
    assertEquals(4, e.code().number());
  }

  @ParameterizedTest(name = "{0} is refused with {1}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ``                                                | 6 | stdin
      {                                                 | 6 | stdin
      []                                                | 6 | stdin
      null                                              | 6 | stdin
      nonsense                                          | 6 | stdin
      {"cniVersion":"1.0.0","name":"n"} {"x":1}         | 6 | stdin
      {"cniVersion":"1.0.0","cniVersion":"0.4.0","name":"n"} | 6 | stdin
      {"cniVersion":"1.0.0","name":"n","x":1e9999999999999999999999999999999999999999999999999999999999999999} | 6 | stdin
      {"name":"n"}                                      | 1 | cniVersion
      {"cniVersion":"9.9.9","name":"n"}                 | 1 | cniVersion
      {"cniVersion":"0.2.0","name":"n"}                 | 1 | cniVersion
      {"cniVersion":7,"name":"n"}                       | 7 | cniVersion
      {"cniVersion":"1.0.0"}                            | 7 | name
      {"cniVersion":"1.0.0","name":""}                  | 7 | name
      {"cniVersion":"1.0.0","name":"../x"}              | 7 | name
      {"cniVersion":"1.0.0","name":["n"]}               | 7 | name
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":[]} | 7 | runtimeConfig
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"ips":"x"}} | 7 | ips
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"ips":["x"]}} | 7 | ips
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"ips":[7]}} | 7 | ips
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"ips":["10.0.0.1","10.0.0.2"]}} | 7 | ips
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"mac":"x"}} | 7 | mac
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"mac":"01:00:00:00:00:01"}} | 7 | mac
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"mac":"00:00:00:00:00:00"}} | 7 | mac
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"a":1}}} | 7 | annotations.a
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"cni.projectcalico.org/ipAddrs":"10.0.0.1"}}} | 7 | ipAddrs
      {"cniVersion":"1.0.0","name":"n","runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"catwalk.dev/addresses":"no"}}} | 7 | catwalk.dev/addresses
      {"cniVersion":"1.0.0","name":"n","args":"x"}      | 7 | args
      {"cniVersion":"1.0.0","name":"n","args":{"cni":7}} | 7 | args.cni
      {"cniVersion":"1.0.0","name":"n","args":{"cni":{"labels":{"a":"b"}}}} | 7 | labels
      {"cniVersion":"1.0.0","name":"n","args":{"cni":{"labels":[{"key":"","value":"x"}]}}} | 7 | label
      {"cniVersion":"1.0.0","name":"n","args":{"cni":{"labels":[7]}}} | 7 | label
      """)
  void hostileConfiguration(String stdin, int code, String field) {
    CniException e = assertThrows(CniException.class, () -> CniRequest.parse(env(), stdin));
    assertEquals(code, e.code().number(), e.getMessage());
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @Test
  void muchOnStdinIsRefused() {
    String huge = "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"x\":\""
        + "x".repeat(CniConfiguration.MAX_LENGTH) + "\"}";
    CniException e = assertThrows(CniException.class, () -> CniRequest.parse(env(), huge));
    assertEquals(6, e.code().number());
  }

  @Test
  void whatIsNotUtf8IsRefused() throws CniException {
    byte[] stdin = "CNI_COMMAND=ADD\0\0{\"\u00ff\":1}".getBytes(StandardCharsets.ISO_8859_1);
    CniException e = assertThrows(CniException.class, () -> CniQuestion.read(stdin));
    assertEquals(6, e.code().number());
    byte[] variable = "CNI_IFNAME=\u00ff\0\0{}".getBytes(StandardCharsets.ISO_8859_1);
    e = assertThrows(CniException.class, () -> CniQuestion.read(variable));
    assertEquals(4, e.code().number());
    assertTrue(e.getMessage().contains("CNI_IFNAME"), e.getMessage());
    byte[] good = "CNI_ARGS=\u00fc\0\0{\"\u00fc\":1}".getBytes(StandardCharsets.UTF_8);
    assertEquals("\u00fc", CniQuestion.read(good).variables().get("CNI_ARGS"));
  }

  @Test
  void nestingWithoutEndIsRefused() {
    String deep = "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"x\":" + "[".repeat(100_000)
        + "]".repeat(100_000) + "}";
    CniException e = assertThrows(CniException.class, () -> CniRequest.parse(env(), deep));
    assertEquals(6, e.code().number());
  }

  @Test
  void versionIsAnsweredWhateverIsAsked() throws CniException {
    TreeMap<String, String> onlyCommand = new TreeMap<>();
    onlyCommand.put("CNI_COMMAND", "VERSION");
    CniRequest request = CniRequest.parse(onlyCommand, "{\"cniVersion\":\"9.9.9\"}");
    assertEquals(new CniRequest.Version("1.1.0"), request);
    assertEquals(
        "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\","
            + "\"1.0.0\",\"1.1.0\"]}",
        CniResult.version("1.0.0"));
    TreeMap<String, String> dummies = env(
        "CNI_COMMAND",
        "VERSION",
        "CNI_CONTAINERID",
        "/dummy",
        "CNI_NETNS",
        "dummy",
        "CNI_IFNAME",
        "dummy/dummy",
        "CNI_ARGS",
        "dummy");
    assertEquals(
        new CniRequest.Version("0.4.0"), CniRequest.parse(dummies, "{\"cniVersion\":\"0.4.0\"}"));
  }

  @Test
  void delNeedsNoNamespace() throws CniException {
    TreeMap<String, String> env = env("CNI_COMMAND", "DEL");
    env.remove("CNI_NETNS");
    assertEquals(
        new CniRequest.Del("1.0.0", new Attachment("c0ffee", "eth0")), CniRequest.parse(env, CONF));
  }

  @ParameterizedTest(name = "{0} in {1} gives {2}")
  @CsvSource(textBlock = """
      CHECK,  0.3.1, 1
      CHECK,  0.4.0, 7
      GC,     1.0.0, 1
      GC,     1.1.0, 7
      STATUS, 1.0.0, 1
      STATUS, 1.1.0, 0
      """)
  void commandsAreThereSinceAVersion(String command, String version, int code) throws CniException {
    String conf = "{\"cniVersion\":\"" + version + "\",\"name\":\"n\"}";
    if (code == 0) {
      assertEquals(version, CniRequest.parse(env("CNI_COMMAND", command), conf).cniVersion());
      return;
    }
    CniException e =
        assertThrows(CniException.class, () -> CniRequest.parse(env("CNI_COMMAND", command), conf));
    assertEquals(code, e.code().number(), e.getMessage());
  }

  @Test
  void gcNamesWhatIsValid() throws CniException {
    TreeMap<String, String> env = new TreeMap<>();
    env.put("CNI_COMMAND", "GC");
    String head = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"cni.dev/valid-attachments\":";
    Gc gc = (Gc) CniRequest.parse(
        env,
        head + "[{\"containerID\":\"c1\",\"ifname\":\"eth0\"},{\"containerID\":\"c2\","
            + "\"ifname\":\"net1\"}]}");
    assertEquals(
        List.of(new Attachment("c1", "eth0"), new Attachment("c2", "net1")),
        List.copyOf(gc.valid()));
    assertEquals("n", gc.network());
    for (String wrong : List.of("7", "{}", "null", "[7]", "[{\"containerID\":\"../x\"}]")) {
      CniException e =
          assertThrows(CniException.class, () -> CniRequest.parse(env, head + wrong + "}"));
      assertEquals(7, e.code().number(), wrong);
    }
  }

  @Test
  void checkComparesWithWhatTheRuntimeRemembers() throws CniException {
    CniResult.Attached attached = attached();
    String remembered = CniResult.added("1.1.0", attached);
    assertEquals(List.of(), compare(remembered, attached));
    String more = remembered.replace("\"interfaces\":[", "\"interfaces\":[{\"name\":\"ifb0\"},");
    assertEquals(List.of(), compare(more, attached));
    for (String lost : List.of("cw01234567890", "10.42.1.2", "0.0.0.0/0", "eth0", "00:01")) {
      assertEquals(1, compare(remembered.replace(lost, "x"), attached).size(), lost);
    }
    assertTrue(compare("{}", attached).size() >= 4);
    assertTrue(compare("{\"interfaces\":7,\"ips\":{\"a\":1}}", attached).size() >= 4);
  }

  private static List<Mismatch> compare(String result, CniResult.Attached attached)
      throws CniException {
    String conf = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"prevResult\":" + result + "}";
    Check check = (Check) CniRequest.parse(env("CNI_COMMAND", "CHECK"), conf);
    return PreviousResult.compare(check.prevResult(), attached);
  }

  @Test
  void everyMismatchIsNamedAndTheFirstGivesTheCode() {
    CniException e = assertThrows(
        CniException.class,
        () -> Mismatch.refuse(List.of(
            new Mismatch(CniException.Code.ROUTE_DIFFERS, "no route"),
            new Mismatch(CniException.Code.ADDRESS_DIFFERS, "no address"))));
    assertEquals(114, e.code().number());
    assertTrue(e.details().contains("ADDRESS_DIFFERS (113): no address"), e.details());
  }

  @Test
  void resultsAreThoseOfTheSpecification() {
    CniResult.Attached attached = attached();
    assertEquals(
        "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"cw01234567890\",\"mac\":"
            + "\"ee:ee:ee:ee:ee:ee\"},{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:01\",\"sandbox\":"
            + "\"/var/run/netns/x\"}],\"ips\":[{\"address\":\"10.42.1.2/32\",\"gateway\":"
            + "\"169.254.1.1\",\"interface\":1}],\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":"
            + "\"169.254.1.1\"}],\"dns\":{}}",
        CniResult.added("1.0.0", attached));
    for (String old : List.of("0.3.0", "0.3.1", "0.4.0")) {
      assertEquals(
          CniResult.added("1.0.0", attached)
              .replace("1.0.0", old)
              .replace("{\"address\"", "{\"version\":\"4\",\"address\""),
          CniResult.added(old, attached));
    }
    assertEquals(
        CniResult.added("1.0.0", attached)
            .replace("1.0.0", "1.1.0")
            .replace("ee\"}", "ee\",\"mtu\":1500}")
            .replace("01\",", "01\",\"mtu\":1500,"),
        CniResult.added("1.1.0", attached));
  }

  private static CniResult.Attached attached() {
    return new CniResult.Attached(
        "cw01234567890",
        MacAddress.parse("ee:ee:ee:ee:ee:ee"),
        "eth0",
        MacAddress.parse("02:00:00:00:00:01"),
        "/var/run/netns/x",
        List.of(IpAddress.parse("10.42.1.2")),
        List.of(IpAddress.parse("169.254.1.1")),
        1500);
  }

  @Test
  void anErrorCarriesCodeAndRemedy() {
    assertEquals(
        "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"not ready\",\"details\":\"wait\"}",
        CniResult.error(
            "1.0.0", new CniException(CniException.Code.TRY_AGAIN_LATER, "not ready", "wait")));
  }

  private static TreeMap<String, String> env(String... more) {
    TreeMap<String, String> env = new TreeMap<>();
    env.put("CNI_COMMAND", "ADD");
    env.put("CNI_CONTAINERID", "c0ffee");
    env.put("CNI_IFNAME", "eth0");
    env.put("CNI_NETNS", "/var/run/netns/cni-1");
    for (int i = 0; i < more.length; i += 2) {
      env.put(more[i], more[i + 1]);
    }
    return env;
  }
}
