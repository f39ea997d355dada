// What is submitted: 4 KB each, told apart by an id that the sink finds again.
import type { Lane } from "../../src/messages/lanes.ts";
import { parts, readyMade, to } from "../wire/message.ts";

export { to };

/** The header field with the id. Its value ends the line. */
export const idField = "X-Bench: ";
/** Ids that begin so are of messages whose time of arrival is wanted. */
export const timedPrefix = "timed-";

/** The lane goes by the sender: what every relay can be told to act by. */
export function senderOf(lane: Lane): string {
  return `${lane}@sender.test`;
}

export function laneOf(sender: string): Lane {
  const [lane] = sender.split("@");
  return lane === "urgent" || lane === "bulk" ? lane : "normal";
}

const body = readyMade.subarray(readyMade.indexOf("\r\n\r\n"));

/** Ready made, with CRLF at its end. */
export function letter(id: string, lane: Lane): Buffer {
  const header = [
    `From: <${senderOf(lane)}>`,
    `To: <${to}>`,
    "Subject: Bench message",
    "Date: Mon, 01 Jan 2024 00:00:00 +0000",
    `Message-ID: <${id}@sender.test>`,
    `${idField}${id}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(header), body]);
}

/** The same for a door that composes, as the body of a request. */
export function request(id: string, lane: Lane): string {
  const [name, value] = [idField.slice(0, -2), id];
  return JSON.stringify({ from: senderOf(lane), to, ...parts, lane, headers: { [name]: value } });
}
