package dev.catwalk.felix.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** BGP messages from standard input, as ExaBGP's JSON. */
@Command(
    name = "decode",
    description = {
      "Read BGP messages from standard input, one a line, and write each as a line of ExaBGP's JSON.",
      "A line is hexadecimal digits, with or without the 19 octets of the header, or an object with"
          + " form (full-message, body-without-19-byte-header, nlri), input.hex and context (asn4,"
          + " add_path, families, local_as, peer_as, local_address, peer_address, router_id).",
      "What cannot be read is answered by {\"error\": ...}, and the status is then 1."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class BgpDecode implements Callable<Integer> {
  @ParentCommand
  BgpRun bgp;

  @Option(
      names = "--json",
      paramLabel = "VERSION",
      defaultValue = "5.0.0",
      description = "the form of the JSON: 5.0.0 (default) or 4.0.1")
  String version;

  @Override
  public Integer call() throws IOException {
    JsonVersion form = JsonVersion.of(version)
        .orElseThrow(() -> new CliException(
            CliException.USAGE, "--json " + version + ": it can be 5.0.0 or 4.0.1"));
    int status = CliException.OK;
    int counter = 0;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank()) {
        continue;
      }
      counter++;
      JsonNode answer;
      try {
        answer = DecodeRequest.parse(line).decode(form);
        if (answer instanceof ObjectNode message && message.has("exabgp")) {
          stamp(message, counter);
        }
      } catch (MalformedException e) {
        answer = JsonNodeFactory.instance.objectNode().put("error", e.getMessage());
        status = CliException.NO;
      }
      bgp.catwalk.out.println(answer);
    }
    bgp.catwalk.out.flush();
    return status;
  }

  /** When and by whom it was printed, as ExaBGP's readers expect. */
  private static void stamp(ObjectNode message, int counter) {
    message.put("time", System.currentTimeMillis() / 1000.0);
    message.put("host", hostName());
    ProcessHandle self = ProcessHandle.current();
    message.put("pid", self.pid());
    message.put("ppid", self.parent().map(ProcessHandle::pid).orElse(0L));
    message.put("counter", counter);
  }

  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
