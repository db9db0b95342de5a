package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.Site;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cache that does not fit the options is dropped by the JVM without a word, and all starts slow. */
class AotCacheTest {
  @ParameterizedTest
  @CsvSource({"verb, catwalk", "agent, agent", "bgp, bgp"})
  void theLaunchersOptionsFitTheCacheOfTheBuild(String options, String cache) throws Exception {
    Path felix = Site.test("aot").home().resolve("felix-j");
    Path target = felix.resolve("target");
    assumeTrue(
        Files.exists(target.resolve(cache + ".aot")), "needs the build's AOT cache: mvn verify");
    Exec.Result result = Exec.run(
        Map.of(),
        "",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + felix.resolve("src/dist/jvm").resolve(options + ".options"),
            "-XX:AOTCache=" + target.resolve(cache + ".aot"),
            "-XX:AOTMode=on",
            "-cp",
            target.resolve("catwalk-felix-j-0.1.0.jar").toString(),
            "dev.catwalk.felix.cli.Catwalk",
            "version"));
    assertEquals(0, result.status(), () -> result.out() + result.err());
    assertTrue(result.out().startsWith("catwalk "), result::out);
  }
}
