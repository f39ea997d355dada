// What the server accepts, after the usual handshake failed: single versions, and one concession at a time.
import { constants } from "node:crypto";
import type { Handshake, TlsFacts, TlsVersion, WalkFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { listen, type Offer, shake } from "./handshake.ts";
import { peerOf } from "./peer.ts";

const versions: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** Below level 1 the old versions may be spoken at all (OpenSSL 3.0: SHA-1 signatures are of level 0). */
const lowest = "DEFAULT:@SECLEVEL=0";

type Concession = keyof TlsFacts["concessions"];

const concessions: Readonly<Record<Concession, Offer>> = {
  "level-1": { offered: "security level 1", ciphers: "DEFAULT:@SECLEVEL=1" },
  "level-0": { offered: "security level 0", ciphers: lowest },
  "legacy-renegotiation": {
    offered: "legacy renegotiation",
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  },
  // A key share for a post-quantum group makes the ClientHello larger than a packet.
  "small-hello": { offered: "X25519 and P-256 only", ecdhCurve: "X25519:prime256v1" },
  "no-server-name": { offered: "without a server name", servername: "" },
  "tls-1.2": { offered: "TLS 1.2 alone", maxVersion: "TLSv1.2" },
};

/** Ends within 8 s: the handshakes run side by side, as many as may stand at a time. */
export async function lookAtTls(
  setting: Setting,
  surroundings: Surroundings,
  { peer: address, greeting }: WalkFacts,
): Promise<TlsFacts | null> {
  const peer = peerOf(setting, address);
  if (peer === null) return null;
  const bounded = {
    ...surroundings,
    ended: AbortSignal.any([surroundings.ended, AbortSignal.timeout(8_000)]),
  };
  const { security } = setting.endpoint;
  // Without a greeting nobody can ask for STARTTLS: whether TLS begins at once is what is left to find out.
  const silent = security !== "tls" && greeting === null;
  const usual: Offer = { offered: "what this machine offers" };
  if (silent)
    return {
      versions: {},
      concessions: {},
      implicit: await shake({ ...peer, starttls: false }, usual, bounded),
      clear: null,
    };
  const clear = security === "tls" ? listen(peer, bounded) : Promise.resolve(null);
  // What tells most comes first in line.
  const conceded = Object.entries(concessions).map(async ([name, offer]) => [
    name,
    await shake(peer, offer, bounded),
  ]);
  const single = versions.toReversed().map(async (version) => {
    const old = version === "TLSv1" || version === "TLSv1.1";
    const offer: Offer = {
      offered: `${version} alone`,
      minVersion: version,
      maxVersion: version,
      ...(old ? { ciphers: lowest } : {}),
    };
    return [version, await shake(peer, offer, bounded)] as [TlsVersion, Handshake];
  });
  return {
    versions: Object.fromEntries(await Promise.all(single)),
    concessions: Object.fromEntries(await Promise.all(conceded)),
    implicit: null,
    clear: await clear,
  };
}
