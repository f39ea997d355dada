// What is known of the platform that this machine runs on.
import type { Platform } from "../machine/platforms.ts";

/** Those that run applications and not machines: what they block depends on the plan, and no firewall of one's own is at fault. */
const paas = ["render", "railway", "zerops", "gitpod", "fly", "heroku", "vercel", "netlify"];

export function isPaas({ id }: Platform): boolean {
  return paas.includes(id);
}

/** Whether it blocks outgoing connections to this port unless asked. */
export function blocks({ blocks: listed, openByDefault }: Platform, port: number): boolean {
  return listed === "all" ? !openByDefault.includes(port) : listed.includes(port);
}
