package dev.catwalk.felix.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
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
    assertTrue(add.addresses().isEmpty());
  }

  @Test
  void addAsPodmanSendsIt() throws CniException {
    Add add = (Add)
        CniRequest.parse(
            env("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=p1"),
            "{\"cniVersion\":\"0.4.0\",\"runtimeConfig\":{\"ips\":[\"10.42.1.7\",\"2001:db8::7/128\"]}}");
    assertEquals("default/p1", add.pod().toString());
    assertEquals("[10.42.1.7, 2001:db8::7]", add.addresses().toString());
    assertEquals("0.4.0", add.cniVersion());
  }

  @Test
  void aPodWithoutANameIsItsContainer() throws CniException {
    assertEquals("default/c0ffee", ((Add) CniRequest.parse(env(), CONF)).pod().toString());
  }

  @ParameterizedTest(name = "{0}={1} is refused with {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      CNI_COMMAND     | EXPLODE              | 4
      CNI_COMMAND     | ``                   | 4
      CNI_CONTAINERID | ``                   | 4
      CNI_CONTAINERID | ../../etc            | 4
      CNI_CONTAINERID | a b                  | 4
      CNI_CONTAINERID | -x                   | 4
      CNI_IFNAME      | ``                   | 4
      CNI_IFNAME      | a-name-beyond-15-chars | 4
      CNI_IFNAME      | ..                   | 4
      CNI_IFNAME      | eth0/x               | 4
      CNI_IFNAME      | eth 0                | 4
      CNI_NETNS       | ``                   | 4
      CNI_NETNS       | relative/path        | 4
      CNI_ARGS        | =x                   | 4
      CNI_ARGS        | K8S_POD_NAME=a/b     | 4
      CNI_ARGS        | K8S_POD_NAMESPACE=../x | 4
      CNI_ARGS        | IP=10.42.1.300       | 4
      CNI_ARGS        | LABELS=a b=c         | 4
      """)
  void hostileEnvironment(String name, String value, int code) {
    CniException e =
        assertThrows(CniException.class, () -> CniRequest.parse(env(name, value), CONF));
    assertEquals(code, e.code().number());
    String field = name.equals("CNI_ARGS") && value.contains("LABELS") ? "label" : name;
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @ParameterizedTest(name = "{0} is refused with {1}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ``                                                | 6 | stdin
      {                                                 | 6 | stdin
      []                                                | 6 | stdin
      nonsense                                          | 6 | stdin
      {"cniVersion":"1.0.0"} {"x":1}                    | 6 | stdin
      {"cniVersion":"9.9.9"}                            | 1 | cniVersion
      {"cniVersion":7}                                  | 7 | cniVersion
      {"cniVersion":"1.0.0","runtimeConfig":{"ips":"x"}} | 2 | ips
      {"cniVersion":"1.0.0","runtimeConfig":{"ips":["x"]}} | 4 | ips
      {"cniVersion":"1.0.0","runtimeConfig":{"ips":["10.42.1.7","10.42.1.8"]}} | 2 | of each family
      {"cniVersion":"1.0.0","args":{"cni":{"labels":[{"key":"","value":"x"}]}}} | 4 | label
      """)
  void hostileConfiguration(String stdin, int code, String field) {
    CniException e = assertThrows(CniException.class, () -> CniRequest.parse(env(), stdin));
    assertEquals(code, e.code().number(), e.getMessage());
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @Test
  void nestingWithoutEndIsRefused() {
    String deep =
        "{\"cniVersion\":\"1.0.0\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    CniException e = assertThrows(CniException.class, () -> CniRequest.parse(env(), deep));
    assertEquals(6, e.code().number());
  }

  @Test
  void versionIsAnsweredWhateverIsAsked() throws CniException {
    TreeMap<String, String> onlyCommand = new TreeMap<>();
    onlyCommand.put("CNI_COMMAND", "VERSION");
    CniRequest request = CniRequest.parse(onlyCommand, "{\"cniVersion\":\"9.9.9\"}");
    assertEquals(new CniRequest.Version("1.0.0"), request);
    assertEquals(
        "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\"]}",
        CniResult.version("1.0.0"));
  }

  @Test
  void delNeedsNoNamespace() throws CniException {
    TreeMap<String, String> env = env("CNI_COMMAND", "DEL");
    env.remove("CNI_NETNS");
    assertEquals(
        new CniRequest.Del("1.0.0", new Attachment("c0ffee", "eth0")), CniRequest.parse(env, CONF));
  }

  @Test
  void resultsAreThoseOfTheSpecification() {
    CniResult.Attached attached = new CniResult.Attached(
        "cw01234567890",
        MacAddress.parse("ee:ee:ee:ee:ee:ee"),
        "eth0",
        MacAddress.parse("02:00:00:00:00:01"),
        "/var/run/netns/x",
        List.of(IpAddress.parse("10.42.1.2")),
        List.of(IpAddress.parse("169.254.1.1")));
    assertEquals(
        "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"cw01234567890\",\"mac\":"
            + "\"ee:ee:ee:ee:ee:ee\"},{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:01\",\"sandbox\":"
            + "\"/var/run/netns/x\"}],\"ips\":[{\"address\":\"10.42.1.2/32\",\"gateway\":"
            + "\"169.254.1.1\",\"interface\":1}],\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":"
            + "\"169.254.1.1\"}],\"dns\":{}}",
        CniResult.added("1.0.0", attached));
    assertTrue(
        CniResult.added("0.4.0", attached).contains("\"version\":\"4\""), "ips before 1.0.0");
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
