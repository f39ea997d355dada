// Peers that speak no SMTP, or speak it badly: on a plain socket, byte by byte.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Running, Service } from "../case.ts";

/** Calls `serve` with each connection; sockets still open are destroyed at the end. */
export function onEach(serve: (socket: Socket) => void): Service {
  return async ({ address, port }): Promise<Running> => {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      // A client that goes away in the middle is no fault of the stage.
      socket.on("error", () => socket.destroy());
      serve(socket);
    });
    server.listen(port, address);
    await once(server, "listening");
    return {
      close: () => {
        for (const socket of open) socket.destroy();
        server.close();
      },
    };
  };
}

/** Takes connections and says nothing, whatever comes. */
export const silent = onEach((socket) => socket.resume());

/** Says this at once and then nothing more. */
export const says = (text: string) =>
  onEach((socket) => {
    socket.resume();
    socket.write(text);
  });

/** Says this and closes. */
export const saysAndCloses = (text: string) => onEach((socket) => socket.end(text));

export const closesAtOnce = onEach((socket) => socket.end());

export const resets = onEach((socket) => socket.resetAndDestroy());

/** Closes as soon as the client says something. */
export const closesWhenSpokenTo = onEach((socket) => socket.once("data", () => socket.end()));

/** Resets as soon as the client says something. */
export const resetsWhenSpokenTo = onEach((socket) => socket.once("data", () => socket.resetAndDestroy()));

/** A web server as it meets SMTP: waits for a request, and has never heard of this one. It tells the time. */
export const web = onEach((socket) =>
  socket.once("data", (chunk) => {
    const isRequest = /^(GET|HEAD|POST|CONNECT|OPTIONS) /.test(chunk.toString("latin1"));
    const body = "<html><body><h1>It works!</h1></body></html>\n";
    const head = `Server: nginx\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: text/html\r\n`;
    const status = isRequest ? "200 OK" : "400 Bad Request";
    socket.end(
      `HTTP/1.1 ${status}\r\n${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }),
);

/** Answers STARTTLS with 220, and a ClientHello with words. */
export const staysInClear = onEach((socket) => {
  socket.write("220 mail ESMTP\r\n");
  socket.on("data", (chunk) => {
    const said = chunk.toString("latin1");
    if (/^EHLO/i.test(said)) socket.write("250-mail\r\n250 STARTTLS\r\n");
    else if (/^STARTTLS/i.test(said)) socket.write("220 2.0.0 Ready to start TLS\r\n");
    else socket.write('500 5.5.1 Command unrecognized: ""\r\n');
  });
});

/** Answers line by line: `answer` gives the reply with its line end, null for none, or acts on the socket itself. */
export function dialogue(
  greeting: string | null,
  answer: (line: string, socket: Socket) => string | null,
): Service {
  return onEach((socket) => {
    let rest = "";
    if (greeting !== null) socket.write(greeting);
    socket.on("data", (chunk) => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const reply = answer(line, socket);
        if (reply !== null && socket.writable) socket.write(reply);
      }
    });
  });
}
