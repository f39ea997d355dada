// One reused connection of the submitter to the HTTP door.
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Lane } from "../../src/messages/lanes.ts";
import { instant } from "./instant.ts";
import { request } from "./letter.ts";
import { host } from "./ports.ts";
import type { Session } from "./submitter-process.ts";

/** Silence of a relay after which the run has failed, milliseconds. */
const silenceMs = 60_000;

export function httpSession(port: number, key: string): Session {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send(id: string, lane: Lane) {
      const body = Buffer.from(request(id, lane));
      const posted = httpRequest({
        host,
        port,
        agent,
        method: "POST",
        path: "/emails",
        timeout: silenceMs,
        headers: {
          "content-type": "application/json",
          "content-length": body.byteLength,
          authorization: `Bearer ${key}`,
        },
      });
      posted.on("timeout", () => posted.destroy(new Error(`silent for ${silenceMs} ms`)));
      posted.end(body);
      const [answer] = (await once(posted, "response")) as [IncomingMessage];
      const at = instant();
      answer.setEncoding("utf8");
      let text = "";
      for await (const chunk of answer) text += chunk;
      if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${text.slice(0, 500)}`);
      return at;
    },
    close: () => agent.destroy(),
  };
}
