// The container's health check: does the HTTP door of this container answer? Exit code 0 or 1.
const [, host = "127.0.0.1", port] =
  /^(?:\[?([^[\]]+?)\]?:)?(\d+)$/.exec(process.env.POSTRIDER_HTTP || "127.0.0.1:2580") ?? [];
// A door that listens everywhere is asked by loopback.
const asked = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
const url = `http://${asked.includes(":") ? `[${asked}]` : asked}:${port}/healthz`;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
