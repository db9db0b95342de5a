package dev.catwalk.felix.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.catwalk.bgp.exabgp.EncodeRequest;
import dev.catwalk.bgp.exabgp.MalformedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** ExaBGP's text commands from standard input, as the messages that they send. */
@Command(
    name = "encode",
    description = {
      "Read ExaBGP's text commands from standard input, one a line, and write the messages that each"
          + " sends in upper-case hexadecimal digits, with their headers; a blank stands between two.",
      "A line is a command (announce route 10.0.0.0/24 next-hop 192.0.2.1), or an object with"
          + " input.api_command_v4 and context (asn4, add_path, local_as, peer_as, local_address,"
          + " link_local_nexthop).",
      "What is no command is answered by {\"error\": ...}, and the status is then 1."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class BgpEncode implements Callable<Integer> {
  @ParentCommand
  BgpRun bgp;

  @Override
  public Integer call() throws IOException {
    int status = CliException.OK;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank()) {
        continue;
      }
      try {
        bgp.catwalk.out.println(EncodeRequest.parse(line).encode());
      } catch (MalformedException e) {
        bgp.catwalk.out.println(JsonNodeFactory.instance.objectNode().put("error", e.getMessage()));
        status = CliException.NO;
      }
    }
    bgp.catwalk.out.flush();
    return status;
  }
}
